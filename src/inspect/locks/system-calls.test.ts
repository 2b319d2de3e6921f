import { expect, test } from 'vitest';
import { TestMemory } from '../../../test/support/test-memory.ts';
import { type CallArguments, readCallArguments } from './system-calls.ts';

const NOTHING: CallArguments = { descriptors: [], epoll: undefined, child: undefined, time: undefined };
const FOREVER = 0xffff_ffffn;

function argumentsOf(syscallName: string, args: readonly bigint[], memory = new TestMemory()): CallArguments {
  return readCallArguments(memory, { state: 'blocked', syscall: 0, syscallName, args });
}

test.each(['read', 'recvfrom', 'accept4', 'connect', 'flock'])(
  'readCallArguments() of %s is its descriptor',
  (name) => {
    expect(argumentsOf(name, [7n, 0n])).toEqual({ ...NOTHING, descriptors: [7] });
  },
);

test('readCallArguments() of poll reads the descriptors from the array, and the time in milliseconds', () => {
  const memory = new TestMemory().mapWords(0x1000, 24, { 0: 5n, 8: FOREVER, 16: 9n + (1n << 32n) });
  expect(argumentsOf('poll', [0x1000n, 3n, 1500n], memory)).toEqual({
    ...NOTHING,
    descriptors: [5, 9],
    time: { kind: 'duration', seconds: 1.5 },
  });
  expect(argumentsOf('poll', [0x1000n, 3n, FOREVER], memory).time).toBeUndefined();
});

test('readCallArguments() of select joins the sets of descriptors', () => {
  const memory = new TestMemory()
    .mapWords(0x1000, 16, { 0: 0b1000n, 8: 1n })
    .mapWords(0x2000, 16, { 0: 0b1010n });
  const time = new TestMemory().mapWords(0x3000, 16, { 0: 2n, 8: 500_000n });
  expect(argumentsOf('select', [65n, 0x1000n, 0x2000n, 0n, 0n], memory).descriptors).toEqual([1, 3, 64]);
  expect(argumentsOf('select', [0n, 0n, 0n, 0n, 0x3000n], time)).toEqual({
    ...NOTHING,
    time: { kind: 'duration', seconds: 2.5 },
  });
});

test('readCallArguments() of epoll_wait is the descriptor that watches others', () => {
  expect(argumentsOf('epoll_wait', [4n, 0n, 1n, FOREVER])).toEqual({ ...NOTHING, epoll: 4 });
});

test('readCallArguments() of clock_nanosleep tells how long, or until when', () => {
  const memory = new TestMemory().mapWords(0x1000, 16, { 0: 60n, 8: 250_000_000n });
  expect(argumentsOf('clock_nanosleep', [0n, 0n, 0x1000n], memory).time).toEqual({
    kind: 'duration',
    seconds: 60.25,
  });
  expect(argumentsOf('clock_nanosleep', [1n, 1n, 0x1000n], memory).time).toEqual({
    kind: 'monotonic',
    seconds: 60.25,
  });
  expect(argumentsOf('clock_nanosleep', [0n, 1n, 0x1000n], memory).time).toBeUndefined();
});

test('readCallArguments() of wait4 and waitid is the child, or any', () => {
  expect(argumentsOf('wait4', [4242n]).child).toBe(4242);
  expect(argumentsOf('wait4', [FOREVER]).child).toBe('any');
  expect(argumentsOf('waitid', [1n, 4242n]).child).toBe(4242);
  expect(argumentsOf('waitid', [0n, 0n]).child).toBe('any');
});

test('readCallArguments() tells nothing of memory that is not there, or of a call that it does not know', () => {
  expect(argumentsOf('poll', [0x1000n, 3n, 1500n])).toEqual(NOTHING);
  expect(argumentsOf('rt_sigsuspend', [0n])).toEqual(NOTHING);
});
