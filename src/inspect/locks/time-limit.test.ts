import { expect, test } from 'vitest';
import { hasTimeLimit } from './time-limit.ts';

function blocked(syscallName: string, ...args: readonly bigint[]) {
  return { state: 'blocked', syscall: 0, syscallName, args } as const;
}

test('hasTimeLimit() tells by the argument that points to a time', () => {
  expect(hasTimeLimit(blocked('futex', 1n, 0x189n, 0n, 0n, 0n, 0n))).toBe(false);
  expect(hasTimeLimit(blocked('futex', 1n, 0x189n, 0n, 0x7ff0n, 0n, 0n))).toBe(true);
});

test('hasTimeLimit() of a call that was begun anew is true, as only those with a limit are', () => {
  expect(hasTimeLimit(blocked('restart_syscall'))).toBe(true);
});

test('hasTimeLimit() is undefined for other calls and for threads that run', () => {
  expect(hasTimeLimit(blocked('read', 0n))).toBeUndefined();
  expect(hasTimeLimit({ state: 'running' })).toBeUndefined();
});
