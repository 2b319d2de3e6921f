import type { LockReport } from '../model/lock-report.ts';
import type { ThreadStack } from '../model/thread-stack.ts';
import type { WaitingThread } from '../model/thread-wait.ts';
import type { Style } from './style.ts';
import { shortPlace, strangerWords, taskWords, threadWords, waitWords } from './wait-words.ts';

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
  const isStuck =
    report?.deadlocks.some(({ parties }) =>
      parties.some((each) => each.kind === 'thread' && each.at === at),
    ) === true;
  const deadlock = isStuck ? `${style.red('deadlock:')} ` : '';
  return [
    `    ${deadlock}waits for ${waitWords(thread.wait, thread)}${heldBy(thread, threads, report?.tasks)}`,
  ];
}

function heldBy(
  thread: WaitingThread,
  threads: LockReport['threads'],
  tasks: LockReport['tasks'] = [],
): string {
  const { holder } = thread;
  if (holder === undefined || (holder.thread === undefined && holder.task === undefined))
    return strangerWords(thread);
  if (holder.evidence === 'joined') return '';
  const other = threads[holder.thread ?? -1];
  const task = tasks[holder.task ?? -1];
  const name = other !== undefined ? threadWords(other) : task !== undefined ? taskWords(task) : '?';
  return `, held by ${name}${holder.takenAt === undefined ? '' : ` (${shortPlace(holder.takenAt)})`}`;
}
