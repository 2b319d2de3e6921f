import type { ThreadStack } from '../model/thread-stack.ts';
import type { LockReport, WaitingThread } from '../model/thread-wait.ts';
import type { Style } from './style.ts';
import { shortPlace, strangerWords, threadWords, waitWords } from './wait-words.ts';

/** Renders what a thread of a snapshot waits for and who holds that: a line under its header, or none. */
export function lockRemarks(
  { threadState }: Pick<ThreadStack, 'threadState'>,
  report: LockReport | undefined,
  style: Style,
): readonly string[] {
  const threads = report?.threads ?? [];
  const at = threads.findIndex((each) => each.threadState === threadState);
  const thread = threads[at];
  if (thread?.wait === undefined) return [];
  const isStuck = report?.deadlocks.some(({ threads: circle }) => circle.includes(at)) === true;
  const deadlock = isStuck ? `${style.red('deadlock:')} ` : '';
  return [`    ${deadlock}waits for ${waitWords(thread.wait, thread)}${heldBy(thread, threads)}`];
}

function heldBy(thread: WaitingThread, threads: readonly WaitingThread[]): string {
  const { holder } = thread;
  if (holder?.thread === undefined) return strangerWords(thread);
  if (holder.evidence === 'joined') return '';
  const other = threads[holder.thread];
  const name = other === undefined ? '?' : threadWords(other);
  return `, held by ${name}${holder.takenAt === undefined ? '' : ` (${shortPlace(holder.takenAt)})`}`;
}
