import { describe, expect, test } from 'vitest';
import {
  inModule,
  methodsOf,
  pcsOf,
  rowArm,
  savedAt,
  unwindThread,
} from '../../test/support/native-stack-writer.ts';
import type { CfaRule } from '../dwarf/call-frame/row.ts';
import { AARCH64 } from './arch/aarch64.ts';

const STACK = 0xffff_f000_1000;
const SAVED = { 29: savedAt(-32), 30: savedAt(-24) };

/** A leaf that saves nothing, called by a function with a frame, called by the outermost. */
const LEAF = { start: inModule(0x1000), sizeBytes: 0x100, row: rowArm(0) };
const CALLER = { start: inModule(0x2000), sizeBytes: 0x100, row: rowArm(32, { registers: SAVED }) };
const START = {
  start: inModule(0x4000),
  sizeBytes: 0x100,
  row: rowArm(0, { registers: { 30: { kind: 'undefined' } } }),
};
const FUNCTIONS = [LEAF, CALLER, START];
const PLAIN = {
  architecture: AARCH64,
  functions: FUNCTIONS,
  registers: { pc: inModule(0x1010), sp: STACK, x30: inModule(0x2020), x29: STACK },
  stack: { [STACK]: 0, [STACK + 8]: inModule(0x4040), [STACK + 64]: 0 },
};
const ALL = [inModule(0x1010), inModule(0x2020), inModule(0x4040)];

const bytesOf = (...instructions: readonly number[]): readonly number[] => [
  ...Uint8Array.from(instructions.flatMap((word) => [word, word >>> 8, word >>> 16, word >>> 24])),
];
const NOP = 0xd503_201f;
const NOPS = Array.from({ length: 16 }, () => NOP);
const RETURN = 0xd65f_03c0;
const BRANCH_WITH_LINK = 0x9400_0000;

describe('unwindStack() of aarch64', () => {
  test('takes the return address of a leaf function from the link register', () => {
    const walked = unwindThread(PLAIN);
    expect(pcsOf(walked)).toEqual(ALL);
    expect(walked.frames.map(({ stackPointer }) => stackPointer)).toEqual([STACK, STACK, STACK + 32]);
    expect(walked.end).toEqual({ kind: 'outermost' });
  });

  test('cuts off where a function that has called another has not saved its return address', () => {
    const walked = unwindThread({ ...PLAIN, functions: [LEAF, { ...CALLER, row: rowArm(32) }] });
    expect(pcsOf(walked)).toEqual(ALL.slice(0, 2));
    expect(walked.end.kind).toBe('cut-off');
    expect(JSON.stringify(walked.end)).toContain('no rule says where the return address, register 30, is');
  });

  test('takes the signature off return addresses, in registers and on the stack', () => {
    const signed = (address: number) => BigInt(address) | 0x00a5_0000_0000_0000n;
    const registers = { ...PLAIN.registers, x30: signed(inModule(0x2020)) };
    const stack = { ...PLAIN.stack, [STACK + 8]: signed(inModule(0x4040)) };
    expect(pcsOf(unwindThread({ ...PLAIN, registers, stack }))).toEqual(ALL);
  });

  test('takes off what the kernel says is the signature', () => {
    const registers = { ...PLAIN.registers, x30: BigInt(inModule(0x2020)) | 0x7f00_0000_0000_0000n };
    const options = { signatureMask: 0x7f00_0000_0000_0000n };
    expect(pcsOf(unwindThread({ ...PLAIN, registers, options }))).toEqual(ALL);
  });

  test('restores every register from what the kernel saved for a signal, whatever the rules of the trampoline', () => {
    const trampoline = inModule(0x8000);
    const signals = STACK - 0x10_0000;
    const byFramePointer: CfaRule = { kind: 'register', register: 29, offset: 0 };
    const row = rowArm(0, { cfa: byFramePointer, registers: { 30: savedAt(8) }, isSignalFrame: true });
    const registers = { pc: trampoline, sp: signals, x29: signals + 0x800, x30: 1 };
    // siginfo_t takes 128 bytes, and the registers lie 184 bytes into struct ucontext.
    const saved = { 29: STACK, 30: inModule(0x2020), 31: STACK, 32: LEAF.start };
    const frame = Object.entries(saved).map(([number, value]) => [signals + 312 + 8 * Number(number), value]);
    const walked = unwindThread({
      ...PLAIN,
      functions: [...FUNCTIONS, { start: trampoline - 4, sizeBytes: 16, row }],
      registers,
      stack: { ...PLAIN.stack, ...Object.fromEntries(frame) },
      // mov x8, #139; svc #0
      code: { [trampoline]: bytesOf(0xd280_1168, 0xd400_0001) },
    });
    expect(pcsOf(walked)).toEqual([trampoline, LEAF.start, ...ALL.slice(1)]);
    expect(methodsOf(walked)[0]).toBe('signal-frame');
    expect(walked.frames[1]?.isActivation).toBe(true);
  });

  test('follows frame records, behind which the stack pointer is not known', () => {
    const bare = { start: inModule(0x5000), sizeBytes: 0x100 };
    const byFramePointer: CfaRule = { kind: 'register', register: 29, offset: 32 };
    const framed = { ...CALLER, row: rowArm(0, { cfa: byFramePointer, registers: SAVED }) };
    const walked = unwindThread({
      ...PLAIN,
      functions: [bare, framed, START],
      registers: { pc: inModule(0x5010), sp: STACK, x29: STACK + 16, x30: 0 },
      stack: {
        [STACK + 16]: STACK + 64,
        [STACK + 24]: inModule(0x2020),
        [STACK + 64]: 0,
        [STACK + 72]: inModule(0x4040),
        [STACK + 128]: 0,
      },
      code: { [bare.start]: bytesOf(...NOPS, ...NOPS) },
    });
    expect(pcsOf(walked)).toEqual([inModule(0x5010), ...ALL.slice(1)]);
    expect(methodsOf(walked)).toEqual(['frame-pointer', 'call-frame-information', undefined]);
  });

  test('goes on with the caller of its caller where a thread was left asleep in a function that saves nothing', () => {
    const asleep = {
      ...PLAIN,
      registers: { pc: LEAF.start, sp: STACK },
      stack: { ...PLAIN.stack, [STACK]: STACK + 64, [STACK + 64]: 0, [STACK + 72]: inModule(0x4040) },
    };
    const stack = { ...asleep.stack, [STACK + 8]: inModule(0x2020) };
    const before = inModule(0x2020) - 8;
    const called = unwindThread({ ...asleep, stack, code: { [before]: bytesOf(NOP, BRANCH_WITH_LINK) } });
    expect(pcsOf(called)).toEqual([LEAF.start, ...ALL.slice(1)]);
    expect(methodsOf(called)).toEqual(['frame-pointer', 'frame-pointer', undefined]);
    // What only looks like a return address.
    expect(unwindThread({ ...asleep, stack, code: { [before]: bytesOf(NOP, NOP) } }).frames.length).toBe(1);
  });

  test.each<[string, readonly number[], number]>([
    ['ret', [RETURN], 0],
    ['stp x29, x30, [sp, #-32]!', [0xa9be_7bfd], 0],
    ['paciasp; stp x29, x30, [sp, #-32]!', [0xd503_233f, 0xa9be_7bfd], 0],
    ['ldp x29, x30, [sp], #32; ret', [0xa8c2_7bfd, RETURN], 32],
  ])('reads from the instructions %s where the return address is', (_, instructions, popped) => {
    const bare = { start: inModule(0x5000), sizeBytes: 0x100 };
    const walked = unwindThread({
      ...PLAIN,
      functions: [bare, START],
      registers: { pc: bare.start, sp: STACK, x29: STACK + 64, x30: inModule(0x4040) },
      code: { [bare.start]: bytesOf(...instructions, ...NOPS) },
    });
    expect(pcsOf(walked)).toEqual([bare.start, inModule(0x4040)]);
    expect(methodsOf(walked)[0]).toBe('instructions');
    expect(walked.frames[1]?.stackPointer).toBe(STACK + popped);
  });

  test('takes the link register of code that nothing else is known of when a call precedes it', () => {
    const bare = { start: inModule(0x5000), sizeBytes: 0x100 };
    const thread = {
      ...PLAIN,
      functions: [bare, START],
      registers: { pc: inModule(0x5010), sp: STACK, x29: 1, x30: inModule(0x4040) },
    };
    const before = inModule(0x4040) - 8;
    const called = unwindThread({ ...thread, code: { [before]: bytesOf(NOP, BRANCH_WITH_LINK) } });
    expect(methodsOf(called)).toEqual(['leaf-function', undefined]);
    expect(unwindThread({ ...thread, code: { [before]: bytesOf(NOP, NOP) } }).frames.length).toBe(1);
  });
});
