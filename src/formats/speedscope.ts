import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile, ProfileFrame } from '../profile/profile.ts';
import { titleAmong } from '../profile/root-frames.ts';
import type { Sample } from '../profile/sample-table.ts';
import { frameIndices } from '../profile/stack-tree.ts';
import { ThreadSamples } from '../profile/thread-samples.ts';
import { threadRows } from '../profile/thread-table.ts';
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
  const samples = new ThreadSamples(profile);
  const stackText = stackTexts(profile);
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":${JSON.stringify(options.producer)},`;
  yield `"name":${JSON.stringify(titleOf(profile, options))},"shared":{"frames":`;
  yield* jsonList(profile.frames.map((frame) => JSON.stringify(frameMember(frame, labels))));
  yield '},"profiles":[';
  let separator = '';
  for (const { index, thread, ns } of threadRows(profile)) {
    yield separator + profileHead(titleAmong(profile, thread), ns);
    separator = ',\n';
    yield* jsonList(texts(samples.of(index), ({ stack }) => stackText(stack)));
    yield ',"weights":';
    yield* jsonList(texts(samples.of(index), ({ weightNs }) => `${Math.round(weightNs)}`));
    yield '}';
  }
  yield ']}\n';
}

function frameMember(frame: ProfileFrame, labels: FrameLabels): object {
  const line = frame.line > 0 ? frame.line : frame.firstLine;
  return {
    name: labels.name(frame),
    ...(frame.file === '' ? {} : { file: labels.path(frame) }),
    ...(line > 0 ? { line } : {}),
  };
}

function profileHead(name: string, ns: number): string {
  const head = {
    type: 'sampled',
    name,
    unit: 'nanoseconds',
    startValue: 0,
    endValue: Math.round(ns),
  };
  return `${JSON.stringify(head).slice(0, -1)},"samples":`;
}

function* texts(samples: Iterable<Sample>, textOf: (sample: Sample) => string): Generator<string> {
  for (const sample of samples) yield textOf(sample);
}

/** The frames of each stack as JSON, which is made once. */
function stackTexts({ stacks }: Profile): (stack: number) => string {
  const known = new Map<number, string>();
  return (stack) => {
    const text = known.get(stack) ?? JSON.stringify(frameIndices(stacks, stack));
    known.set(stack, text);
    return text;
  };
}
