import { expect, test } from 'vitest';
import { REGISTERS, syscallOfRegisters } from './register-set.ts';

function registerSet(number: bigint): Uint8Array {
  const bytes = Buffer.alloc(REGISTERS.sizeBytes);
  bytes.writeBigInt64LE(number, REGISTERS.number);
  for (const [at, offset] of REGISTERS.args.entries()) bytes.writeBigUInt64LE(BigInt(at + 1), offset);
  bytes.writeBigUInt64LE(0x7f00n, REGISTERS.stackPointer);
  bytes.writeBigUInt64LE(0x5500n, REGISTERS.instructionPointer);
  return bytes;
}

test('syscallOfRegisters() tells the system call that a thread is in, and its arguments', () => {
  expect(syscallOfRegisters(registerSet(202n))).toEqual({
    kind: 'inside',
    number: 202,
    args: [1n, 2n, 3n, 4n, 5n, 6n],
    stackPointer: 0x7f00n,
    instructionPointer: 0x5500n,
  });
});

test('syscallOfRegisters() tells a thread outside of a system call', () => {
  expect(syscallOfRegisters(registerSet(-1n))).toMatchObject({ kind: 'outside', stackPointer: 0x7f00n });
});

test('syscallOfRegisters() tells nothing of a set that is cut off, as in a damaged core', () => {
  expect(syscallOfRegisters(registerSet(0n).subarray(0, REGISTERS.sizeBytes - 1))).toBeUndefined();
});
