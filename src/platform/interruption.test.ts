import { describe, expect, test } from 'vitest';
import { StructView } from '../base/struct-view.ts';
import { StructWriter } from '../base/struct-writer.ts';
import { AARCH64_INTERRUPTED, X86_64_INTERRUPTED } from './interruption.ts';
import type { BlockedCall } from './proc/syscall.ts';
import { PT_REGISTERS, REGISTERS } from './register-set.ts';

const SEEN: BlockedCall = {
  kind: 'inside',
  number: 7,
  args: [11n, 12n, 13n, 14n, 15n, 16n],
  stackPointer: 0x7f00n,
  instructionPointer: 0x9004n,
};

interface Changes {
  readonly number?: number;
  readonly stackPointer?: number;
  readonly lastArgument?: number;
}

describe('of x86-64', () => {
  const { pointOf, interruptionOf, answering, beginningAgain } = X86_64_INTERRUPTED;

  function registers(result: bigint, { number = 7, stackPointer = 0x7f00, lastArgument = 16 }: Changes = {}) {
    const writer = new StructWriter(REGISTERS.sizeBytes);
    for (const [at, offset] of REGISTERS.args.entries()) writer.u64(offset, SEEN.args[at] ?? 0n);
    return writer
      .u64(REGISTERS.args[5], lastArgument)
      .u64(REGISTERS.number, number)
      .u64(REGISTERS.result, result)
      .u64(REGISTERS.instructionPointer, 0x9004)
      .u64(REGISTERS.stackPointer, stackPointer).bytes;
  }

  test('interruptionOf() takes only what the kernel answers before anything was done', () => {
    expect(interruptionOf(SEEN, registers(-4n))).toBe('answers');
    for (const result of [-512n, -513n, -514n, -516n])
      expect(interruptionOf(SEEN, registers(result))).toBe('begins-again');
    for (const result of [0n, 1n, -11n, -515n])
      expect(interruptionOf(SEEN, registers(result))).toBeUndefined();
  });

  test.each<Changes>([{ number: -1 }, { number: 8 }, { stackPointer: 0x7e00 }, { lastArgument: 17 }])(
    'interruptionOf() tells another call: %j',
    (changes) => {
      expect(interruptionOf(SEEN, registers(-4n, changes))).toBeUndefined();
    },
  );

  test('answering() leaves nothing that the kernel would begin again', () => {
    const set = new StructView(answering(SEEN, registers(-516n)), 'user_regs_struct');
    expect([set.i64(REGISTERS.result), set.i64(REGISTERS.number)]).toEqual([-4n, -1n]);
    expect(set.u64(REGISTERS.instructionPointer)).toBe(0x9004n);
  });

  test('beginningAgain() leaves it to the kernel, which minds signals', () => {
    const set = new StructView(beginningAgain(SEEN, registers(-4n)), 'user_regs_struct');
    expect([set.i64(REGISTERS.result), set.i64(REGISTERS.number)]).toEqual([-514n, 7n]);
  });

  test('pointOf() tells where the thread stands', () => {
    expect(pointOf(registers(0n))).toEqual({ stackPointer: 0x7f00n, instructionPointer: 0x9004n });
  });
});

describe('of aarch64', () => {
  const { pointOf, interruptionOf, answering, beginningAgain } = AARCH64_INTERRUPTED;

  interface Standing extends Changes {
    readonly pc?: number;
    readonly first?: number;
  }

  function registers(standing: Standing = {}) {
    const { number = 7, stackPointer = 0x7f00, lastArgument = 16, pc = 0x9000, first = 11 } = standing;
    const writer = new StructWriter(272);
    for (const [at, offset] of PT_REGISTERS.args.entries()) writer.u64(offset, SEEN.args[at] ?? 0n);
    return writer
      .u64(PT_REGISTERS.args[0], first)
      .u64(PT_REGISTERS.args[5], lastArgument)
      .u64(PT_REGISTERS.number, number)
      .u64(PT_REGISTERS.stackPointer, stackPointer)
      .u64(PT_REGISTERS.instructionPointer, pc).bytes;
  }

  const ANSWERED: Standing = { pc: 0x9004, first: -4 };

  test('interruptionOf() tells a thread that was led back from one whose call has answered', () => {
    expect(interruptionOf(SEEN, registers())).toBe('begins-again');
    expect(interruptionOf(SEEN, registers(ANSWERED))).toBe('answers');
  });

  test.each<Standing>([
    { number: 8 },
    { stackPointer: 0x7e00 },
    { lastArgument: 17 },
    { first: 10 },
    { pc: 0x9008 },
    { pc: 0x8ffc },
    { pc: 0x9004, first: 0 },
    { pc: 0x9004, first: -11 },
    { ...ANSWERED, number: 8 },
  ])('interruptionOf() tells another call, or one that did something: %j', (standing) => {
    expect(interruptionOf(SEEN, registers(standing))).toBeUndefined();
  });

  test.each([{}, ANSWERED])('answering() leads behind the call, from %j', (standing) => {
    const set = new StructView(answering(SEEN, registers(standing)), 'user_pt_regs');
    expect([set.i64(0), set.u64(PT_REGISTERS.instructionPointer)]).toEqual([-4n, 0x9004n]);
  });

  test('beginningAgain() leads back to the call, with its first argument', () => {
    const set = new StructView(beginningAgain(SEEN, registers(ANSWERED)), 'user_pt_regs');
    expect([set.u64(0), set.u64(PT_REGISTERS.instructionPointer)]).toEqual([11n, 0x9000n]);
  });

  test('pointOf() tells where the thread stands', () => {
    expect(pointOf(registers())).toEqual({ stackPointer: 0x7f00n, instructionPointer: 0x9000n });
  });
});
