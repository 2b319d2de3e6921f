import { expect, test } from 'vitest';
import {
  deadlockOf,
  holderAt,
  lockWait,
  makeLockReport,
  makeWaitingThread,
  place,
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
