import { expect, test } from 'vitest';
import {
  deadlockOf,
  holderAt,
  lockWait,
  makeLockReport,
  makeWaitingThread,
} from '../../test/support/lock-reports.ts';
import { toAddress } from '../base/address.ts';
import type { Wait } from '../model/thread-wait.ts';
import { lockRemarks } from './lock-remarks.ts';
import { PLAIN } from './style.ts';

const waiter = makeWaitingThread({ wait: lockWait('A'), holder: holderAt(1, 12) });
const holder = makeWaitingThread({ threadState: toAddress(0x6000), pythonName: 'worker-2' });

test('lockRemarks() says what a thread waits for, who holds it, and where that was taken', () => {
  const report = makeLockReport([waiter, holder]);
  expect(lockRemarks(waiter, report, PLAIN)).toEqual(['    waits for lock A, held by worker-2 (bank.py:12)']);
  expect(lockRemarks(holder, report, PLAIN)).toEqual([]);
});

test('lockRemarks() marks a deadlock', () => {
  const report = makeLockReport([waiter, holder], { deadlocks: [deadlockOf(0, 1)] });
  expect(lockRemarks(waiter, report, PLAIN)[0]).toMatch(/^ {4}deadlock: waits for lock A, held by/u);
});

test('lockRemarks() says when an owner is unknown, and nothing when it was not asked for', () => {
  const lonely = { ...waiter, holder: undefined };
  expect(lockRemarks(lonely, makeLockReport([lonely]), PLAIN)).toEqual([
    '    waits for lock A, owner unknown',
  ]);
  expect(lockRemarks(lonely, undefined, PLAIN)).toEqual([]);
  const freed: Wait = { ...lockWait('A'), isLocked: false };
  expect(lockRemarks(lonely, makeLockReport([{ ...lonely, wait: freed }]), PLAIN)).toEqual([
    '    waits for lock A, free by now',
  ]);
});
