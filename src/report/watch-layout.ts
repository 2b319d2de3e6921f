import { formatSeconds } from '../base/quantities.ts';
import type { Look, ThreadChange } from '../model/snapshot-comparison.ts';
import type { ThreadStack } from '../model/thread-stack.ts';
import { formatThread, pystackLines } from './pystack-layout.ts';
import type { Style } from './style.ts';

/** What the looks of a watch show. */
export interface WatchOptions {
  readonly style: Style;
  readonly showLocals: boolean;
}

/** CPU time below this is noise of the look itself. */
const NOTABLE_CPU_NS = 10_000_000n;

/**
 * Renders one look of a watch: PyStack's layout with a mark under each header that says whether the thread moved.
 * A thread that did not shows its innermost frame only: the others stand in an earlier look.
 */
export function* watchLines(look: Look, { style, showLocals }: WatchOptions): Generator<string> {
  const { snapshot, number } = look;
  const count = snapshot.threads.length;
  yield style.bold(`=== look ${number}, ${snapshot.takenAt}, ${count} ${count === 1 ? 'thread' : 'threads'}`);
  yield '';
  yield* pystackLines(snapshot, {
    style,
    showLocals,
    remarks: (thread) => remarksOf(thread, look.changes.get(thread), style),
    framesOf: (thread) =>
      isHidden(thread, look.changes.get(thread)) ? thread.frames.slice(0, 1) : thread.frames,
  });
  for (const thread of look.ended) {
    yield '';
    yield `Thread ${formatThread(thread)} ${style.red('ended')}`;
  }
}

function isHidden(thread: ThreadStack, change: ThreadChange | undefined): boolean {
  return change?.kind === 'same-place' && thread.frames.length > 1;
}

function remarksOf(thread: ThreadStack, change: ThreadChange | undefined, style: Style): readonly string[] {
  if (change === undefined) return [];
  const mark = `  ${formatChange(change, style)}`;
  if (!isHidden(thread, change)) return [mark];
  const hidden = thread.frames.length - 1;
  const above = `    … ${hidden} outer ${hidden === 1 ? 'frame' : 'frames'} as before`;
  return [mark, style.faint(above)];
}

function formatChange(change: ThreadChange, style: Style): string {
  switch (change.kind) {
    case 'new':
      return style.blue('new');
    case 'moved':
      return style.green('moved');
    case 'same-place': {
      const { seconds, looks, cpuTimeNs } = change;
      const isBusy = cpuTimeNs !== undefined && cpuTimeNs >= NOTABLE_CPU_NS;
      const cpu = isBusy ? `, CPU ${formatSeconds(Number(cpuTimeNs) / 1e9)}` : '';
      return style.yellow(`same place for ${formatWhole(seconds)} (${looks} looks)${cpu}`);
    }
  }
}

/** Looks come seconds apart, so that parts of seconds only distract, unless they come closer. */
function formatWhole(seconds: number): string {
  return seconds >= 1 && seconds < 10 ? `${Math.round(seconds)} s` : formatSeconds(seconds);
}
