import { expect, test } from 'vitest';
import { parseSyscall } from './syscall.ts';

test.each([
  ['running\n', { kind: 'running' }],
  ['-1 0x7ffd00 0x55d0\n', { kind: 'outside', stackPointer: 0x7ffd00n, instructionPointer: 0x55d0n }],
  [
    '202 0x55d0a4c0f9a8 0x189 0x0 0x0 0x0 0xffffffffffffffff 0x7ffd00 0x55d0\n',
    {
      kind: 'inside',
      number: 202,
      args: [0x55d0a4c0f9a8n, 0x189n, 0n, 0n, 0n, 0xffffffffffffffffn],
      stackPointer: 0x7ffd00n,
      instructionPointer: 0x55d0n,
    },
  ],
  [
    '0 0x3 0x0 0x0 0x0 0x0 0x0 0x1 0x2\n',
    { kind: 'inside', number: 0, args: [3n, 0n, 0n, 0n, 0n, 0n], stackPointer: 1n, instructionPointer: 2n },
  ],
])('parseSyscall() reads %j', (text, state) => {
  expect(parseSyscall(text)).toEqual(state);
});

test.each([
  [''],
  ['0\n'],
  ['-1 0x1\n'],
  ['202 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n'],
  ['x 0x1 0x2\n'],
  ['-1 0x1 two\n'],
])('parseSyscall() refuses %j', (text) => {
  expect(() => parseSyscall(text)).toThrow(
    'Cannot read /proc/PID/syscall at offset 0: line is not the state of a thread',
  );
});
