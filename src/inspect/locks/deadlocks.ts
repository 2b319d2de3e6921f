import type { Deadlock, WaitingThread } from '../../model/thread-wait.ts';

/**
 * Finds the circles among threads of which each waits for the next. A thread waits for one other at most, so that each
 * circle is found once; it begins with the thread that stands first in the list.
 */
export function findDeadlocks(
  threads: readonly Pick<WaitingThread, 'holder' | 'hasTimeLimit'>[],
): readonly Deadlock[] {
  const deadlocks: Deadlock[] = [];
  const done = new Set<number>();
  for (const start of threads.keys()) {
    const path: number[] = [];
    let at: number | undefined = start;
    while (at !== undefined && !done.has(at)) {
      done.add(at);
      path.push(at);
      at = threads[at]?.holder?.thread;
    }
    const first = at === undefined ? -1 : path.indexOf(at);
    if (first !== -1) deadlocks.push(deadlockOf(path.slice(first), threads));
  }
  return deadlocks;
}

function deadlockOf(
  circle: readonly number[],
  threads: readonly Pick<WaitingThread, 'hasTimeLimit'>[],
): Deadlock {
  const lowest = circle.indexOf(Math.min(...circle));
  return {
    threads: [...circle.slice(lowest), ...circle.slice(0, lowest)],
    hasTimeLimit: circle.some((at) => threads[at]?.hasTimeLimit === true),
  };
}
