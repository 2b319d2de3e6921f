import { expect, test } from 'vitest';
import { futexWaitedOn } from './futex-waits.ts';

function blocked(syscallName: string, ...args: readonly bigint[]) {
  return { state: 'blocked', syscall: 0, syscallName, args } as const;
}

test('futexWaitedOn() is the address of a call that waits, whatever its flags', () => {
  expect(futexWaitedOn(blocked('futex', 0x1000n, 0x80n))).toBe(0x1000n);
  expect(futexWaitedOn(blocked('futex', 0x1000n, 0x189n))).toBe(0x1000n);
  expect(futexWaitedOn(blocked('restart_syscall', 0x1000n, 0x189n))).toBe(0x1000n);
});

test('futexWaitedOn() is undefined for a call that wakes others, and for other calls', () => {
  expect(futexWaitedOn(blocked('futex', 0x1000n, 0x81n))).toBeUndefined();
  expect(futexWaitedOn(blocked('read', 0n, 0n))).toBeUndefined();
  expect(futexWaitedOn({ state: 'running' })).toBeUndefined();
});
