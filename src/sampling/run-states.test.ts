import { expect, test } from 'vitest';
import { RunStates } from './run-states.ts';

/** Threads that a test puts to sleep, and how often each was asked. */
function makeThreads() {
  const states = new Map<number, 'runs' | 'sleeps' | 'gone' | 'unknown'>();
  const asked = new Map<number, number>();
  const closed: number[] = [];
  const open = (id: number) => ({
    read: () => {
      asked.set(id, (asked.get(id) ?? 0) + 1);
      return states.get(id) ?? 'runs';
    },
    markAsleep: undefined,
    [Symbol.dispose]: () => {
      closed.push(id);
    },
  });
  return { states, asked, closed, runStates: new RunStates(open) };
}

test('a thread runs unless the kernel says that it sleeps or is gone', () => {
  const { states, runStates } = makeThreads();
  states.set(2, 'sleeps').set(3, 'gone').set(4, 'unknown');
  runStates.beginSweep();
  expect([1, 2, 3, 4].map((id) => runStates.runs(id, false))).toEqual([true, false, false, true]);
});

test('of many that sleep, each is asked in its turn, and at once when it may have run Python', () => {
  const { states, asked, runStates } = makeThreads();
  const ids = Array.from({ length: 64 }, (_, at) => at);
  for (const id of ids) states.set(id, 'sleeps');
  for (let sweep = 0; sweep < 9; sweep += 1) {
    runStates.beginSweep();
    for (const id of ids) runStates.runs(id, true);
  }
  expect(new Set(asked.values())).toEqual(new Set([3]));
  states.set(5, 'runs');
  runStates.beginSweep();
  expect(runStates.runs(5, false)).toBe(true);
});

test('few that sleep are asked every time', () => {
  const { states, runStates } = makeThreads();
  states.set(1, 'sleeps');
  runStates.beginSweep();
  runStates.runs(1, true);
  states.set(1, 'runs');
  runStates.beginSweep();
  expect(runStates.runs(1, true)).toBe(true);
});

test('threads that have ended are let go of, and all at the end', () => {
  const { closed, runStates } = makeThreads();
  runStates.beginSweep();
  for (const id of [1, 2, 3]) runStates.runs(id, false);
  runStates.keepOnly(new Set([2]));
  expect(closed).toEqual([1, 3]);
  runStates[Symbol.dispose]();
  expect(closed).toEqual([1, 3, 2]);
});
