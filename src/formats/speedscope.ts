import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile, ProfiledThread, ProfileFrame } from '../profile/profile.ts';
import { threadTitle } from '../profile/root-frames.ts';
import { frameIndices } from '../profile/stack-tree.ts';
import { ThreadSamples } from '../profile/thread-samples.ts';
import { type FormatOptions, type ProfileFormat, titleOf } from './format.ts';
import { jsonList } from './json-list.ts';

/** One profile for each thread, for speedscope.app, in the order of time. */
export const speedscope: ProfileFormat = {
  name: 'speedscope',
  endings: ['.speedscope.json', '.speedscope', '.json'],
  summary: 'for speedscope.app: a profile of each thread, in the order of time',
  write,
};

function* write(profile: Profile, options: FormatOptions): Generator<string> {
  const labels = new FrameLabels(profile);
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":${JSON.stringify(options.producer)},`;
  yield `"name":${JSON.stringify(titleOf(profile, options))},"shared":{"frames":`;
  yield* jsonList(profile.frames.map((frame) => JSON.stringify(frameMember(frame, labels))));
  yield '},"profiles":';
  yield* jsonList(threadProfiles(profile));
  yield '}\n';
}

function frameMember(frame: ProfileFrame, labels: FrameLabels): object {
  const line = frame.line > 0 ? frame.line : frame.firstLine;
  return {
    name: labels.name(frame),
    ...(frame.file === '' ? {} : { file: labels.path(frame) }),
    ...(line > 0 ? { line } : {}),
  };
}

function* threadProfiles(profile: Profile): Generator<string> {
  const samples = new ThreadSamples(profile);
  const stacks = new Map<number, string>();
  for (const [index, thread] of profile.threads.entries()) {
    const found: string[] = [];
    const weights: number[] = [];
    for (const { stack, weightNs } of samples.of(index)) {
      const known = stacks.get(stack) ?? JSON.stringify(frameIndices(profile.stacks, stack));
      stacks.set(stack, known);
      found.push(known);
      weights.push(Math.round(weightNs));
    }
    if (found.length === 0) continue;
    const head = {
      type: 'sampled',
      name: profileName(profile, thread),
      unit: 'nanoseconds',
      startValue: 0,
      endValue: weights.reduce((sum, weight) => sum + weight, 0),
    };
    yield `${JSON.stringify(head).slice(0, -1)},"samples":[${found.join(',')}],"weights":[${weights.join(',')}]}`;
  }
}

function profileName({ processes }: Profile, thread: ProfiledThread): string {
  const process = processes[thread.process];
  return processes.length < 2
    ? threadTitle(thread)
    : `process ${process?.pid ?? '?'}, ${threadTitle(thread)}`;
}
