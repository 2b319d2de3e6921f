import { expect, test } from 'vitest';
import type { Interruption } from '../../platform/interruption.ts';
import type { BlockedCall } from '../../platform/proc/syscall.ts';
import { isRetriedByPython, isSemaphoreWait, mayBeginAgain } from './blocked-calls.ts';

/** Numbers of x86-64. */
const NUMBERS = {
  read: 0,
  poll: 7,
  pause: 34,
  futex: 202,
  restart_syscall: 219,
  clock_nanosleep: 230,
  epoll_wait: 232,
  ppoll: 271,
  write: 1,
};

function call(name: keyof typeof NUMBERS, ...args: readonly (bigint | number)[]): BlockedCall {
  const words = [
    ...args.map((value) => BigInt.asUintN(64, BigInt(value))),
    ...Array<bigint>(6).fill(0n),
  ].slice(0, 6);
  return { kind: 'inside', number: NUMBERS[name], args: words, stackPointer: 0n, instructionPointer: 0n };
}

interface Case {
  readonly what: string;
  readonly blocked: BlockedCall;
  readonly interruption?: Interruption;
  readonly mayBegin: boolean;
  readonly isRetried: boolean;
}

const BEGINS_ANEW = { mayBegin: true, isRetried: true };
const ONLY_RETRIED = { mayBegin: false, isRetried: true };

const CASES: readonly Case[] = [
  { what: 'poll(2) without a time limit', blocked: call('poll', 0, 1, -1), ...BEGINS_ANEW },
  {
    what: 'poll(2) with one, which only EINTR ends in time',
    blocked: call('poll', 0, 1, 500),
    ...ONLY_RETRIED,
  },
  {
    what: 'epoll_wait(2), its limit an int',
    blocked: call('epoll_wait', 4, 0, 1, 0xffff_ffff),
    ...BEGINS_ANEW,
  },
  { what: 'clock_nanosleep(2) until a time', blocked: call('clock_nanosleep', 1, 1), ...BEGINS_ANEW },
  { what: 'clock_nanosleep(2) for a time', blocked: call('clock_nanosleep', 1, 0), ...ONLY_RETRIED },
  { what: 'pause(2), which EINTR ends for good', blocked: call('pause'), mayBegin: true, isRetried: false },
  {
    what: 'read(2) that is asked for a restart',
    blocked: call('read', 3),
    interruption: 'begins-again',
    ...BEGINS_ANEW,
  },
  {
    what: 'read(2) of a socket with a time limit',
    blocked: call('read', 3),
    interruption: 'answers',
    ...ONLY_RETRIED,
  },
  { what: 'what was interrupted before', blocked: call('restart_syscall'), ...ONLY_RETRIED },
  {
    what: 'write(2), of which a part may be done',
    blocked: call('write', 1),
    mayBegin: false,
    isRetried: false,
  },
];

test.each(CASES)(
  'a system call goes on as it must: $what',
  ({ blocked, interruption, mayBegin, isRetried }) => {
    expect(mayBeginAgain({ call: blocked, isOwn: false, interruption })).toBe(mayBegin);
    expect(isRetriedByPython({ call: blocked, isOwn: true, interruption })).toBe(isRetried);
    expect(isRetriedByPython({ call: blocked, isOwn: false, interruption })).toBe(false);
  },
);

test('isSemaphoreWait() tells the locks of CPython from those of the C library', () => {
  expect(isSemaphoreWait(call('futex', 0x1000, 0x189, 0))).toBe(true);
  expect(isSemaphoreWait(call('futex', 0x1000, 0x80, 2))).toBe(false);
  expect(isSemaphoreWait(call('futex', 0x1000, 0x81, 0))).toBe(false);
});
