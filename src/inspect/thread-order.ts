import { byNesting } from '../model/nesting-order.ts';
import type { ThreadStack } from '../model/thread-stack.ts';

/**
 * Brings the states of one OS thread together, where the first of them stood, outermost interpreter first. The rest
 * keeps CPython's order, newest first.
 */
export function groupByOsThread(threads: readonly ThreadStack[]): readonly ThreadStack[] {
  const groups = new Map<number | symbol, ThreadStack[]>();
  for (const thread of threads) {
    const key = thread.osThreadId ?? Symbol('a thread without an id is a group of its own');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thread]);
    else group.push(thread);
  }
  return [...groups.values()].flatMap((group) => group.sort(byNesting));
}
