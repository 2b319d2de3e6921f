import { expect, test } from 'vitest';
import {
  deadlockOf,
  holderAt,
  lockWait,
  makeLockReport,
  makeWaitingTask,
  makeWaitingThread,
  place,
  taskHolderAt,
} from '../../test/support/lock-reports.ts';
import { toAddress } from '../base/address.ts';
import type { LockReport } from '../model/lock-report.ts';
import { locksLines } from './locks-layout.ts';
import { PLAIN } from './style.ts';

function textOf(report: LockReport): readonly string[] {
  return [...locksLines(report, PLAIN)];
}

const first = makeWaitingThread({ wait: lockWait('B'), holder: holderAt(1, 19) });
const second = makeWaitingThread({
  osThreadId: 5012,
  pythonName: 'worker-2',
  wait: lockWait('A'),
  holder: holderAt(0, 12),
  place: place(21, 'transfer_back'),
});
const circle = deadlockOf(0, 1);

test('locksLines() shows a deadlock as a chain: what each thread holds and what it waits for', () => {
  expect(textOf(makeLockReport([first, second], { deadlocks: [circle] }))).toEqual([
    'Deadlock: 2 threads wait for each other',
    '  worker-1 (5011) holds lock A (bank.py:12)',
    '    and waits for lock B in transfer, /srv/shop/bank.py:14',
    '  worker-2 (5012) holds lock B (bank.py:19)',
    '    and waits for lock A in transfer_back, /srv/shop/bank.py:21',
    '',
  ]);
});

test('locksLines() shows below a deadlock the threads that wait for one of it', () => {
  const third = makeWaitingThread({
    osThreadId: 5013,
    pythonName: 'late',
    wait: lockWait('A'),
    holder: holderAt(0, 12),
  });
  expect(textOf(makeLockReport([first, second, third], { deadlocks: [circle] })).slice(5)).toEqual([
    '  late (5013) waits for lock A, taken at bank.py:12, in transfer, /srv/shop/bank.py:14',
    '',
  ]);
});

test('locksLines() calls a circle that a time limit will end no deadlock', () => {
  const report = makeLockReport([{ ...first, hasTimeLimit: true }, second], {
    deadlocks: [{ ...circle, hasTimeLimit: true }],
  });
  expect(textOf(report)[0]).toBe(
    'Not for ever: 2 threads wait for each other, until a time limit of one of them',
  );
  expect(textOf(report)[2]).toBe('    and waits for lock B, not for ever in transfer, /srv/shop/bank.py:14');
});

test('locksLines() shows a thread that waits for itself', () => {
  const itself = { ...first, holder: holderAt(0, 12) };
  const report = makeLockReport([itself], { deadlocks: [deadlockOf(0)] });
  expect(textOf(report).slice(0, 3)).toEqual([
    'Deadlock: 1 thread waits for itself',
    '  worker-1 (5011) holds lock B (bank.py:12)',
    '    and waits for lock B in transfer, /srv/shop/bank.py:14',
  ]);
});

test('locksLines() shows who holds others up, the longest chain of waits first, and what it does itself', () => {
  const running = makeWaitingThread({
    osThreadId: 5014,
    pythonName: 'busy',
    activity: { state: 'running' },
    place: place(30, 'compute'),
  });
  const waits = (name: string, holder: number) =>
    makeWaitingThread({
      osThreadId: undefined,
      pythonName: name,
      wait: lockWait('A'),
      holder: holderAt(holder, 29),
    });
  const report = makeLockReport([
    running,
    waits('lonely', 0),
    { ...running, osThreadId: 5015 },
    waits('near', 2),
    waits('far', 3),
  ]);
  expect(textOf(report)).toEqual([
    'busy (5015) holds up 2 threads',
    '    and runs in compute, /srv/shop/bank.py:30',
    '  near waits for lock A, taken at bank.py:29, in transfer, /srv/shop/bank.py:14',
    '    far waits for lock A, taken at bank.py:29, in transfer, /srv/shop/bank.py:14',
    '',
    'busy (5014) holds up 1 thread',
    '    and runs in compute, /srv/shop/bank.py:30',
    '  lonely waits for lock A, taken at bank.py:29, in transfer, /srv/shop/bank.py:14',
    '',
  ]);
});

test('locksLines() shows what other threads wait for, and that an owner is not known', () => {
  const object = { typeName: 'queue.Queue', address: toAddress(0x7f10), name: undefined };
  const getter = makeWaitingThread({
    pythonName: 'evil\u001b[2J',
    wait: { kind: 'queue', operation: 'get', object, length: 0, maxSize: 8, unfinished: 0 },
    place: undefined,
  });
  expect(textOf(makeLockReport([makeWaitingThread({ wait: lockWait('A') }), getter]))).toEqual([
    'Blocked, and no thread is known to hold them up:',
    '  worker-1 (5011): lock A, owner unknown in transfer, /srv/shop/bank.py:14',
    '  evil\\x1b[2J (5011): an item of queue <queue.Queue at 0x7f10>, 0 of 8 in it',
  ]);
});

test('locksLines() says when no thread is blocked', () => {
  const running = makeWaitingThread({ activity: { state: 'running' } });
  expect(textOf(makeLockReport([running]))).toEqual(['No thread is blocked']);
});

const held = { holders: [taskHolderAt(0, 12)], areAllHolders: true };

test('locksLines() shows a deadlock of tasks, and below it those that wait for one of them', () => {
  const tasks = [
    makeWaitingTask({ wait: lockWait('B'), holders: [taskHolderAt(1, 19)], areAllHolders: true }),
    makeWaitingTask({ ...held, name: undefined, wait: lockWait('A') }),
    makeWaitingTask({ name: 'main', wait: { kind: 'tasks' }, awaits: [0, 1], place: place(40, 'main') }),
  ];
  const parties = [0, 1].map((at) => ({ kind: 'task', at }) as const);
  const report = makeLockReport([], { tasks, deadlocks: [{ parties, hasTimeLimit: false }] });
  expect(textOf(report)).toEqual([
    'Deadlock: 2 tasks wait for each other',
    '  task payer-1 holds lock A (bank.py:12)',
    '    and waits for lock B in transfer, /srv/shop/bank.py:14',
    '  task transfer at 0x7f0000060000 holds lock B (bank.py:19)',
    '    and waits for lock A in transfer, /srv/shop/bank.py:14',
    '  task main waits for the end of task payer-1 in main, /srv/shop/bank.py:40',
    '',
  ]);
});

test('locksLines() shows that a thread and a task of its loop wait for each other', () => {
  const thread = makeWaitingThread({ wait: lockWait('A'), holder: taskHolderAt(0, 12) });
  const parties = [
    { kind: 'thread', at: 0 },
    { kind: 'task', at: 0 },
  ] as const;
  const report = makeLockReport([thread], {
    tasks: [makeWaitingTask({ thread: 0 })],
    deadlocks: [{ parties, hasTimeLimit: false }],
  });
  expect(textOf(report)).toEqual([
    'Deadlock: 1 thread and 1 task wait for each other',
    '  worker-1 (5011)',
    '    waits for lock A in transfer, /srv/shop/bank.py:14',
    '  task payer-1 holds lock A (bank.py:12)',
    '    and waits for its event loop, which worker-1 (5011) runs in transfer, /srv/shop/bank.py:14',
    '',
  ]);
});

test('locksLines() counts tasks that wait alike, and those that hold up the same', () => {
  const waiters = Array.from({ length: 9 }, (_, at) =>
    makeWaitingTask({ name: `w-${at}`, wait: lockWait('A'), ...held }),
  );
  const semaphore = { kind: 'semaphore', object: lockWait('S').object, value: 0 } as const;
  const tasks = [
    makeWaitingTask(),
    ...waiters,
    ...['x', 'y'].map((name) => makeWaitingTask({ name })),
    makeWaitingTask({
      name: 'z',
      wait: semaphore,
      holders: [taskHolderAt(10, 3), taskHolderAt(11, 3)],
      hasTimeLimit: true,
    }),
  ];
  expect(textOf(makeLockReport([], { tasks }))).toEqual([
    'task payer-1 holds up 9 tasks',
    '    and waits for sleep() of asyncio in transfer, /srv/shop/bank.py:14',
    '  9 × task w-0, w-1, w-2, …, w-8 wait for lock A, taken at bank.py:12, in transfer, /srv/shop/bank.py:14',
    '',
    '2 × task x, y hold up 1 task',
    '    and each waits for sleep() of asyncio in transfer, /srv/shop/bank.py:14',
    '  task z waits for semaphore S, now 0, taken at bank.py:3, not for ever, in transfer, /srv/shop/bank.py:14',
    '',
  ]);
});

test('locksLines() shows tasks that want a lock of an owner that is not known, and no others that wait', () => {
  const freed = { ...lockWait('B'), isLocked: false };
  const tasks = [
    makeWaitingTask({ wait: lockWait('A') }),
    makeWaitingTask({ wait: freed }),
    makeWaitingTask(),
  ];
  expect(textOf(makeLockReport([], { tasks }))).toEqual([
    'Blocked, and no thread or task is known to hold them up:',
    '  task payer-1: lock A, owner unknown in transfer, /srv/shop/bank.py:14',
    '  task payer-1: lock B, free by now in transfer, /srv/shop/bank.py:14',
  ]);
});

test('locksLines() says of a circle of very many how many more there are', () => {
  const tasks = Array.from({ length: 20_000 }, (_, at) => makeWaitingTask({ awaits: [(at + 1) % 20_000] }));
  const parties = tasks.map((_, at) => ({ kind: 'task', at }) as const);
  const lines = textOf(makeLockReport([], { tasks, deadlocks: [{ parties, hasTimeLimit: false }] }));
  expect(lines.length).toBe(203);
  expect(lines[201]).toBe('  and so on, 19900 tasks more');
});

test('locksLines() indents chains of any length no further than they can be read', () => {
  const tasks = Array.from({ length: 5_000 }, (_, at) =>
    makeWaitingTask({ awaits: at === 0 ? [] : [at - 1] }),
  );
  const lines = textOf(makeLockReport([], { tasks }));
  expect(lines[0]).toBe('task payer-1 holds up 4999 tasks');
  expect(lines[5_000]).toMatch(/^ {100}\(level 4999\) task payer-1 waits for the end of task payer-1 in/u);
});

test('locksLines() says which loops are late, and since when', () => {
  const loop = { thread: 0, address: toAddress(1), typeName: 'Loop', interpreterId: 0 };
  const loops = [
    { ...loop, turn: { readyCount: 2, overdueSeconds: 12.34 } },
    { ...loop, turn: { readyCount: 1, overdueSeconds: 0.02 } },
    { ...loop, turn: { readyCount: 0, overdueSeconds: undefined } },
    { ...loop, turn: undefined },
  ];
  expect(textOf(makeLockReport([makeWaitingThread()], { loops }))).toEqual([
    'No thread is blocked',
    '',
    'Event loops that are late:',
    '  worker-1 (5011): overdue timer by 12.3 s: the loop has not turned since at least then; 2 callbacks are ready',
  ]);
});
