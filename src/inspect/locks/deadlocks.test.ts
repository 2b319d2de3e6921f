import { expect, test } from 'vitest';
import type { Holder } from '../../model/thread-wait.ts';
import { findDeadlocks } from './deadlocks.ts';

/** Threads by whom each waits for; `undefined` for one that waits for nobody. */
function threads(...holders: readonly (number | undefined)[]): Parameters<typeof findDeadlocks>[0] {
  return holders.map((thread) => ({
    hasTimeLimit: false,
    holder:
      thread === undefined
        ? undefined
        : ({ thread, osThreadId: undefined, evidence: 'owner', takenAt: undefined } satisfies Holder),
  }));
}

test('findDeadlocks() finds each circle once, from its first thread on', () => {
  expect(findDeadlocks(threads(4, 2, 1, undefined, 0))).toEqual([
    { threads: [0, 4], hasTimeLimit: false },
    { threads: [1, 2], hasTimeLimit: false },
  ]);
});

test('findDeadlocks() leaves out threads that only wait for a circle', () => {
  expect(findDeadlocks(threads(1, 2, 3, 1))).toEqual([{ threads: [1, 2, 3], hasTimeLimit: false }]);
});

test('findDeadlocks() takes a thread that waits for itself for a circle', () => {
  expect(findDeadlocks(threads(undefined, 1))).toEqual([{ threads: [1], hasTimeLimit: false }]);
});

test('findDeadlocks() finds none in chains that end', () => {
  expect(findDeadlocks(threads(1, 2, undefined))).toEqual([]);
});

test('findDeadlocks() says when one of a circle gives up after some time', () => {
  const [first, second] = threads(1, 0);
  if (first === undefined || second === undefined) throw new RangeError('two threads');
  expect(findDeadlocks([first, { ...second, hasTimeLimit: true }])).toEqual([
    { threads: [0, 1], hasTimeLimit: true },
  ]);
});
