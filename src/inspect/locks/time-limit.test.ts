import { expect, test } from 'vitest';
import { lockWait } from '../../../test/support/lock-reports.ts';
import { hasTimeLimit } from './time-limit.ts';

function blocked(syscallName: string, ...args: readonly bigint[]) {
  return { state: 'blocked', syscall: 0, syscallName, args } as const;
}

const LOCK = lockWait('A');

test('hasTimeLimit() tells by the argument that points to a time', () => {
  expect(hasTimeLimit(blocked('futex', 1n, 0x189n, 0n, 0n, 0n, 0n), LOCK)).toBe(false);
  expect(hasTimeLimit(blocked('futex', 1n, 0x189n, 0n, 0x7ff0n, 0n, 0n), LOCK)).toBe(true);
});

test('hasTimeLimit() tells by a number of milliseconds, which is an int', () => {
  expect(hasTimeLimit(blocked('poll', 0x7ff0n, 1n, 0xffff_ffffn), LOCK)).toBe(false);
  expect(hasTimeLimit(blocked('epoll_wait', 3n, 0n, 1n, 250n), LOCK)).toBe(true);
});

test('hasTimeLimit() of a wait for a lock that was begun anew is true, as only those with a limit are', () => {
  expect(hasTimeLimit(blocked('restart_syscall'), LOCK)).toBe(true);
});

test('hasTimeLimit() of a wait for the GIL is false, though it wakes now and then', () => {
  const waits = blocked('futex', 1n, 0x189n, 0n, 0x7ff0n, 0n, 0n);
  expect(hasTimeLimit(waits, { kind: 'gil' })).toBe(false);
});

test('hasTimeLimit() is undefined for other calls and for threads that run', () => {
  expect(hasTimeLimit(blocked('read', 0n), LOCK)).toBeUndefined();
  expect(hasTimeLimit({ state: 'running' }, LOCK)).toBeUndefined();
});
