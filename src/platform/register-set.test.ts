import { expect, test } from 'vitest';
import { StructView } from '../base/struct-view.ts';
import { REGISTERS, syscallOfPtRegisters, syscallOfRegisters } from './register-set.ts';

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

/** x0 to x30 hold 1 to 31. */
function pointerRegisterSet(): StructView {
  const words = [...Array.from({ length: 31 }, (_, at) => BigInt(at + 1)), 0xff00n, 0xaa00n, 0n];
  return new StructView(new Uint8Array(BigUint64Array.from(words).buffer), 'user_pt_regs');
}

test('syscallOfPtRegisters() tells the system call that a thread was led back to', () => {
  const read: bigint[] = [];
  const instructionAt = (address: bigint) => {
    read.push(address);
    return 0xd4000001;
  };
  expect(syscallOfPtRegisters(pointerRegisterSet(), instructionAt)).toEqual({
    kind: 'inside',
    number: 9,
    args: [1n, 2n, 3n, 4n, 5n, 6n],
    stackPointer: 0xff00n,
    instructionPointer: 0xaa04n,
  });
  expect(read).toEqual([0xaa00n]);
});

test.each([[0xd65f03c0], [undefined]])(
  'syscallOfPtRegisters() tells a thread at another instruction: %j',
  (instruction) => {
    expect(syscallOfPtRegisters(pointerRegisterSet(), () => instruction)).toEqual({
      kind: 'outside',
      stackPointer: 0xff00n,
      instructionPointer: 0xaa00n,
    });
  },
);
