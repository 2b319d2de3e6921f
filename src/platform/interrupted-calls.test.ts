import { expect, test } from 'vitest';
import { doesAllOrNothing, isRepeatableCall, isResumedCall } from './interrupted-calls.ts';
import { nameOfSyscall } from './syscalls.ts';

/** The number of a system call of this machine. */
function numberOf(name: string): number {
  const number = Array.from({ length: 512 }, (_, each) => each).find((each) => nameOfSyscall(each) === name);
  if (number === undefined) throw new RangeError(`no system call is called ${name} here`);
  return number;
}

function call(name: string, ...args: readonly bigint[]): Parameters<typeof doesAllOrNothing>[0] {
  return { kind: 'inside', number: numberOf(name), args, stackPointer: 0n, instructionPointer: 0n };
}

test.each(['futex', 'ppoll', 'pselect6', 'clock_nanosleep', 'waitid'])(
  'isResumedCall() lets %s be interrupted',
  (name) => {
    expect([isResumedCall(numberOf(name)), isRepeatableCall(numberOf(name))]).toEqual([true, false]);
  },
);

test.each(['epoll_pwait', 'semtimedop', 'rt_sigtimedwait', 'recvfrom', 'write'])(
  'isResumedCall() leaves %s alone, and isRepeatableCall() begins it again',
  (name) => {
    expect([isResumedCall(numberOf(name)), isRepeatableCall(numberOf(name))]).toEqual([false, true]);
  },
);

test.each(['close', 'ioctl'])('isRepeatableCall() does not do %s twice', (name) => {
  expect([isResumedCall(numberOf(name)), isRepeatableCall(numberOf(name))]).toEqual([false, false]);
});

test('isResumedCall() leaves calls alone that it does not know', () => {
  expect([isResumedCall(9999), isRepeatableCall(9999)]).toEqual([false, false]);
});

test.each([
  ['recvfrom', 3, 0x0n, true],
  ['recvfrom', 3, 0x140n, false],
  ['recvmsg', 2, 0x100n, false],
  ['epoll_pwait', 3, 0x100n, true],
  ['write', 3, 0x0n, false],
] as const)('doesAllOrNothing() of %s with argument %i set to %s is %s', (name, index, value, expected) => {
  const args = [0n, 0n, 0n, 0n].with(index, value);
  expect(doesAllOrNothing(call(name, ...args))).toBe(expected);
});
