import { escapeForTerminal } from '../base/escaping.ts';
import { byFunction } from '../profile/by-function.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile, ProfiledThread } from '../profile/profile.ts';
import type { Sample } from '../profile/sample-table.ts';
import { frameIndices } from '../profile/stack-tree.ts';
import { ThreadSamples } from '../profile/thread-samples.ts';
import { threadName } from '../profile/thread-title.ts';
import type { ProfileFormat } from './format.ts';
import { jsonList } from './json-list.ts';

/** Begins and ends of calls, for Perfetto and chrome://tracing. */
export const chromeTrace: ProfileFormat = {
  name: 'chrome',
  aliases: ['chrometrace', 'perfetto'],
  endings: ['.trace.json', '.chrome.json', '.trace'],
  summary: 'begins and ends of calls, for ui.perfetto.dev and chrome://tracing',
  write: function* write(profile) {
    yield '{"displayTimeUnit":"ms","traceEvents":';
    yield* jsonList(traceEvents(byFunction(profile)));
    yield '}\n';
  },
};

/**
 * Names first, then each thread by itself in the order of time. Calls of the same function at the same place of the stack
 * go on from sample to sample, as nobody can tell whether it was another call.
 */
function* traceEvents(profile: Profile): Generator<string> {
  const samples = new ThreadSamples(profile);
  for (const { pid, commandLine } of profile.processes)
    yield JSON.stringify({
      name: 'process_name',
      ph: 'M',
      pid,
      args: { name: escapeForTerminal(commandLine.join(' ')) },
    });
  for (const [index, thread] of profile.threads.entries()) {
    const ids = idsOf(profile, thread, index);
    const name = threadName(thread, ids.tid);
    yield JSON.stringify({ name: 'thread_name', ph: 'M', ...ids, args: { name: escapeForTerminal(name) } });
    yield* threadEvents(profile, ids, samples.of(index));
  }
}

interface EventIds {
  readonly pid: number;
  readonly tid: number;
}

/** A thread without an id of its own has the negative of its place, which no other has. */
function idsOf({ processes }: Profile, { process, osThreadId }: ProfiledThread, index: number): EventIds {
  return { pid: processes[process]?.pid ?? 0, tid: osThreadId ?? -1 - index };
}

function* threadEvents(profile: Profile, ids: EventIds, samples: Iterable<Sample>): Generator<string> {
  const labels = new FrameLabels(profile);
  const calls = profile.frames.map((frame) =>
    JSON.stringify({
      name: labels.name(frame),
      cat: frame.kind,
      args: { filename: labels.path(frame), line: frame.firstLine },
    }).slice(0, -1),
  );
  const where = `"pid":${ids.pid},"tid":${ids.tid}`;
  // An end says what it ends: speedscope finds the begin by it when several are at one time.
  const event = (frame: number, phase: 'B' | 'E', ns: number): string =>
    `${calls[frame] ?? '{'},"ph":"${phase}","ts":${microseconds(ns)},${where}}`;
  const intervalNs = 1e9 / profile.account.rateHz;
  let open: readonly number[] = [];
  let openUntil = 0;
  for (const sample of samples) {
    // Between two looks a frame goes on; where a look is missing nobody knows.
    const endNs = sample.startNs - openUntil > intervalNs ? openUntil : sample.startNs;
    const frames = frameIndices(profile.stacks, sample.stack);
    const shared = endNs < sample.startNs ? 0 : sharedLength(open, frames);
    for (const frame of open.slice(shared).reverse()) yield event(frame, 'E', endNs);
    for (const frame of frames.slice(shared)) yield event(frame, 'B', sample.startNs);
    open = frames;
    openUntil = sample.startNs + sample.weightNs;
  }
  for (const frame of [...open].reverse()) yield event(frame, 'E', openUntil);
}

function sharedLength(one: readonly number[], other: readonly number[]): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}

function microseconds(ns: number): number {
  return Math.round(ns) / 1000;
}
