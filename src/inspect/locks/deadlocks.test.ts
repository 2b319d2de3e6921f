import { expect, test } from 'vitest';
import {
  holderAt,
  makeWaitingTask,
  makeWaitingThread,
  taskHolderAt,
} from '../../../test/support/lock-reports.ts';
import type { LockReport, Party } from '../../model/lock-report.ts';
import { findDeadlocks } from './deadlocks.ts';

type Parties = Pick<LockReport, 'threads' | 'tasks'>;

/** Threads by whom each waits for; `undefined` for one that waits for nobody. */
function threads(...holders: readonly (number | undefined)[]): Parties {
  return {
    tasks: [],
    threads: holders.map((holder) =>
      makeWaitingThread({ holder: holder === undefined ? undefined : holderAt(holder, 1) }),
    ),
  };
}

function circle(hasTimeLimit: boolean, kind: Party['kind'], ...places: readonly number[]) {
  return { parties: places.map((at) => ({ kind, at })), hasTimeLimit };
}

test('findDeadlocks() finds each circle once, from its first thread on', () => {
  expect(findDeadlocks(threads(4, 2, 1, undefined, 0))).toEqual([
    circle(false, 'thread', 0, 4),
    circle(false, 'thread', 1, 2),
  ]);
});

test('findDeadlocks() leaves out threads that only wait for a circle', () => {
  expect(findDeadlocks(threads(1, 2, 3, 1))).toEqual([circle(false, 'thread', 1, 2, 3)]);
});

test('findDeadlocks() takes a thread that waits for itself for a circle', () => {
  expect(findDeadlocks(threads(undefined, 1))).toEqual([circle(false, 'thread', 1)]);
});

test('findDeadlocks() finds none in chains that end', () => {
  expect(findDeadlocks(threads(1, 2, undefined))).toEqual([]);
});

test('findDeadlocks() says when one of a circle gives up after some time, and shows those that last before it', () => {
  const { threads: all } = threads(1, 0, 3, 2);
  const limited = all.map((thread, at) => ({ ...thread, hasTimeLimit: at === 1 }));
  expect(findDeadlocks({ threads: limited, tasks: [] })).toEqual([
    circle(false, 'thread', 2, 3),
    circle(true, 'thread', 0, 1),
  ]);
});

test('findDeadlocks() shows one circle, a shortest one, of tasks that wait for each other in many ways', () => {
  const held = { holders: [taskHolderAt(0, 1)], areAllHolders: true };
  const workers = Array.from({ length: 20_000 }, () => makeWaitingTask(held));
  const boss = makeWaitingTask({ awaits: workers.map((_, at) => at + 1) });
  expect(findDeadlocks({ threads: [], tasks: [boss, ...workers] })).toEqual([circle(false, 'task', 0, 1)]);
});

test('findDeadlocks() follows chains of any length', () => {
  const chain = Array.from({ length: 20_000 }, (_, at) => makeWaitingTask({ awaits: [(at + 1) % 20_000] }));
  expect(findDeadlocks({ threads: [], tasks: chain })[0]?.parties.length).toBe(20_000);
});

test('findDeadlocks() leaves out circles through one of several that could let a task go on', () => {
  const tasks = [
    makeWaitingTask({ holders: [taskHolderAt(1, 1), taskHolderAt(2, 1)], areAllHolders: true }),
    makeWaitingTask({ awaits: [0] }),
    makeWaitingTask(),
  ];
  expect(findDeadlocks({ threads: [], tasks })).toEqual([]);
});

test('findDeadlocks() knows that a task goes on only when the thread of its loop does, whatever its time limit', () => {
  const thread = makeWaitingThread({ holder: taskHolderAt(0, 1) });
  const task = makeWaitingTask({ thread: 0, hasTimeLimit: true });
  expect(findDeadlocks({ threads: [thread], tasks: [task] })).toEqual([
    {
      parties: [
        { kind: 'thread', at: 0 },
        { kind: 'task', at: 0 },
      ],
      hasTimeLimit: false,
    },
  ]);
});
