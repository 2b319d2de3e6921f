import { describe, expect, test } from 'vitest';
import {
  BIAS,
  inModule,
  methodsOf,
  pcsOf,
  rowX86,
  savedAt,
  unwindThread,
} from '../../test/support/native-stack-writer.ts';
import { TestMemory } from '../../test/support/test-memory.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { CfaRule } from '../dwarf/call-frame/row.ts';
import { lookupAddressOf } from './unwound-stack.ts';

const STACK = 0x7ffe_0000_1000;

/** main() calls outer(), which calls inner(); start() calls main() and has no caller. */
const INNER = { start: inModule(0x1000), sizeBytes: 0x100, row: rowX86(16) };
const OUTER = { start: inModule(0x2000), sizeBytes: 0x100, row: rowX86(32) };
const MAIN = { start: inModule(0x3000), sizeBytes: 0x100, row: rowX86(8) };
const START = {
  start: inModule(0x4000),
  sizeBytes: 0x100,
  row: rowX86(8, { registers: { 16: { kind: 'undefined' } } }),
};
const FUNCTIONS = [INNER, OUTER, MAIN, START];
const PLAIN = {
  functions: FUNCTIONS,
  registers: { rip: inModule(0x1010), rsp: STACK },
  stack: {
    [STACK + 8]: inModule(0x2020),
    [STACK + 40]: inModule(0x3030),
    [STACK + 48]: inModule(0x4040),
    [STACK + 4096]: 0,
  },
};

/** A module without unwind rules, whose code starts at an address. */
const withoutRules = (offset: number) => ({ start: inModule(offset), sizeBytes: 0x100 });

/** `call` with a 32-bit distance. */
const CALL = [0xe8, 0, 0, 0, 0];

describe('unwindStack()', () => {
  test('walks from the registers to the outermost frame by the rules of the files', () => {
    const frame = { isSignalFrame: false, callerFoundBy: 'call-frame-information' };
    expect(unwindThread(PLAIN)).toEqual({
      frames: [
        { ...frame, pc: inModule(0x1010), stackPointer: STACK, cfa: STACK + 16, isActivation: true },
        { ...frame, pc: inModule(0x2020), stackPointer: STACK + 16, cfa: STACK + 48, isActivation: false },
        { ...frame, pc: inModule(0x3030), stackPointer: STACK + 48, cfa: STACK + 56, isActivation: false },
        {
          pc: inModule(0x4040),
          stackPointer: STACK + 56,
          cfa: undefined,
          isActivation: false,
          isSignalFrame: false,
          callerFoundBy: undefined,
        },
      ],
      end: { kind: 'outermost' },
    });
  });

  test('looks up the call, which may be the last instruction of its function', () => {
    // outer() ends with a call that never returns; MAIN2 begins where that call would return to.
    const end = OUTER.start + OUTER.sizeBytes;
    const next = { start: end, sizeBytes: 0x100, row: rowX86(4096) };
    const stack = { ...PLAIN.stack, [STACK + 8]: end };
    const walked = unwindThread({ ...PLAIN, functions: [...FUNCTIONS, next], stack });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), end, inModule(0x3030), inModule(0x4040)]);
    expect(walked.frames.map(lookupAddressOf)[1]).toBe(end - 1);
  });

  test('looks up the innermost pc itself, at which a function may begin', () => {
    const walked = unwindThread({ ...PLAIN, registers: { rip: INNER.start, rsp: STACK } });
    expect(walked.end).toEqual({ kind: 'outermost' });
    expect(walked.frames.map(lookupAddressOf)[0]).toBe(INNER.start);
  });

  test('takes a return address of 0 for the end', () => {
    const walked = unwindThread({ ...PLAIN, stack: { ...PLAIN.stack, [STACK + 40]: 0 } });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), inModule(0x2020)]);
    expect(walked.end).toEqual({ kind: 'outermost' });
  });

  test('computes the CFA from a register that a callee has saved', () => {
    const byFramePointer: CfaRule = { kind: 'register', register: 6, offset: 16 };
    const walked = unwindThread({
      registers: { rip: inModule(0x1010), rsp: STACK, rbp: 0xdead },
      functions: [
        { ...INNER, row: rowX86(24, { registers: { 6: savedAt(-16) } }) },
        { ...OUTER, row: rowX86(0, { cfa: byFramePointer }) },
        START,
      ],
      stack: { [STACK + 8]: STACK + 80, [STACK + 16]: inModule(0x2020), [STACK + 88]: inModule(0x4040) },
    });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), inModule(0x2020), inModule(0x4040)]);
    expect(walked.frames[1]?.cfa).toBe(STACK + 96);
  });

  test.each<[string, CfaRule]>([
    ['an expression', { kind: 'expression', expression: Uint8Array.of(0x77, 16) }],
    ['another register', { kind: 'register', register: 3, offset: 8 }],
  ])('computes the CFA from %s', (_, cfa) => {
    const functions = [{ ...INNER, row: rowX86(0, { cfa }) }, ...FUNCTIONS.slice(1)];
    const walked = unwindThread({
      ...PLAIN,
      functions,
      registers: { ...PLAIN.registers, rbx: STACK + 8 },
    });
    expect(pcsOf(walked)).toEqual(pcsOf(unwindThread(PLAIN)));
  });

  test.each([
    ['a register', { 16: { kind: 'register', register: 2 } as const }],
    ['an expression', { 16: { kind: 'expression', expression: Uint8Array.of(35, 100) } as const }],
    [
      'the value of an expression',
      { 16: { kind: 'value-expression', expression: Uint8Array.of(19, 0x72, 0) } as const },
    ],
    ['the place of another register', { 3: savedAt(100), 16: { kind: 'offset', offset: 100 } as const }],
  ])('takes the return address from %s', (_, registers) => {
    const functions = [{ ...INNER, row: rowX86(16, { registers }) }, START];
    const walked = unwindThread({
      functions,
      registers: { ...PLAIN.registers, rcx: inModule(0x4040) },
      stack: { [STACK + 116]: inModule(0x4040) },
    });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), inModule(0x4040)]);
  });

  test('forgets the registers that a call may change', () => {
    const byScratch: CfaRule = { kind: 'register', register: 1, offset: 16 };
    const functions = [INNER, { ...OUTER, row: rowX86(0, { cfa: byScratch }) }];
    const walked = unwindThread({ ...PLAIN, functions, registers: { ...PLAIN.registers, rdx: STACK } });
    expect(walked.end).toEqual({
      kind: 'cut-off',
      reason: `Cannot read call frame of ${hexIn(0x2020)} at offset 0: register 1, from which the CFA is computed, is not known`,
    });
  });

  test('walks 50,000 frames of one function', () => {
    const count = 50_000;
    const words = new Map(Array.from({ length: count }, (_, index) => [index * 16 + 8, inModule(0x1020)]));
    words.set(count * 16 - 8, inModule(0x4040));
    const bytes = new Uint8Array(count * 16);
    const view = new DataView(bytes.buffer);
    for (const [offset, value] of words) view.setBigUint64(offset, BigInt(value), true);
    const memory = new TestMemory().map(STACK, bytes);
    const startedAt = performance.now();
    const walked = unwindThread({ ...PLAIN, stack: {}, memory });
    expect([walked.frames.length, walked.end.kind]).toEqual([count + 1, 'outermost']);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('stops at the most frames that it may find', () => {
    const walked = unwindThread({ ...PLAIN, options: { maxFrames: 2 } });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), inModule(0x2020)]);
    expect(walked.end).toEqual({ kind: 'cut-off', reason: 'there are more than 2 frames' });
  });

  test.each([
    ['below', -16],
    ['at', 0],
  ])('cuts off where the caller would have its stack %s that of its callee', (_, offset) => {
    const cfa: CfaRule = { kind: 'register', register: 7, offset };
    const functions = [{ ...INNER, row: rowX86(0, { cfa }) }];
    const stack = {
      [STACK - 32]: inModule(0x1020),
      [STACK - 24]: inModule(0x1020),
      [STACK - 8]: inModule(0x1020),
    };
    const walked = unwindThread({ ...PLAIN, functions, stack });
    const reason = `the stack pointer of the caller of ${hexIn(0x1010)}, 0x${(STACK + offset).toString(16)}, is not above its own`;
    expect(walked.end).toEqual({ kind: 'cut-off', reason });
    expect(walked.frames.length).toBe(1);
  });

  test.each<[string, string, Parameters<typeof unwindThread>[0]]>([
    [
      'a stack that is not there',
      'Cannot read 8 bytes at 0x7ffe00001008: not mapped in the target',
      { ...PLAIN, stack: {} },
    ],
    [
      'unwind rules that make no sense',
      'Cannot read .eh_frame at offset 3: it is torn',
      {
        ...PLAIN,
        functions: [{ ...INNER, row: () => fail(new MalformedInputError('.eh_frame', 3, 'it is torn')) }],
      },
    ],
    [
      'a return address outside user space',
      `the caller of ${hexIn(0x1010)} would be at 0xffffffffffffff00, outside user space`,
      { ...PLAIN, stack: { [STACK + 8]: 0xffff_ffff_ffff_ff00n } },
    ],
    [
      'code that nothing is known of',
      'no unwind rule covers 0x1234, and nothing else leads on',
      { registers: { rip: 0x1234, rsp: STACK, rbp: 0x10 }, stack: { [STACK]: 0 } },
    ],
    [
      'a CFA outside user space',
      `Cannot read call frame of ${hexIn(0x1010)} at offset 0: the CFA 0xffffffffffffffff is outside user space`,
      {
        ...PLAIN,
        functions: [
          { ...INNER, row: rowX86(0, { cfa: { kind: 'expression', expression: Uint8Array.of(9, 0xff) } }) },
        ],
      },
    ],
  ])('ends and says why, for %s', (_, reason, thread) => {
    const walked = unwindThread(thread);
    expect(walked.frames.length).toBe(1);
    expect(walked.end).toEqual({ kind: 'cut-off', reason });
  });

  test('has no frames of a thread whose registers are not known', () => {
    const reason = 'the thread stands outside user space, or its registers are not known';
    expect(unwindThread({ registers: {} })).toEqual({ frames: [], end: { kind: 'cut-off', reason } });
    expect(unwindThread({ registers: { rip: 2n ** 63n, rsp: STACK } }).frames).toEqual([]);
  });
});

describe('unwindStack() through signal handlers', () => {
  /** What the kernel leaves at the stack pointer of the trampoline. */
  const signalFrame = (
    address: number,
    registers: { rip: number; rsp: number; rbp?: number; rbx?: number },
  ) => ({
    [address + 168]: registers.rip,
    [address + 160]: registers.rsp,
    [address + 120]: registers.rbp ?? 0,
    [address + 128]: registers.rbx ?? 0,
  });
  const HANDLER = { start: inModule(0x7000), sizeBytes: 0x100, row: rowX86(8) };
  const TRAMPOLINE = inModule(0x8000);
  const RESTORE = [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];
  /** A stack of its own for signals, above that of the thread. */
  const OTHER_STACK = STACK + 0x10_0000;

  test.each([
    ['mov $15, %rax; syscall', RESTORE],
    ['mov $15, %eax; syscall', [0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05]],
  ])('knows a trampoline by %s, and looks up what was interrupted itself', (_, code) => {
    const walked = unwindThread({
      functions: [...FUNCTIONS, HANDLER, withoutRules(0x8000)],
      registers: { rip: inModule(0x7010), rsp: OTHER_STACK },
      stack: {
        ...PLAIN.stack,
        [OTHER_STACK]: TRAMPOLINE,
        ...signalFrame(OTHER_STACK + 8, { rip: INNER.start, rsp: STACK }),
      },
      code: { [TRAMPOLINE]: code },
    });
    expect(pcsOf(walked)).toEqual([
      inModule(0x7010),
      TRAMPOLINE,
      INNER.start,
      inModule(0x2020),
      inModule(0x3030),
      inModule(0x4040),
    ]);
    expect(walked.frames.map(({ isActivation }) => isActivation)).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(walked.frames.map(({ isSignalFrame }) => isSignalFrame).indexOf(true)).toBe(1);
    expect(methodsOf(walked)[1]).toBe('signal-frame');
  });

  test.each([
    ['before', 0],
    ['at', 7],
    ['behind', 9],
  ])('knows the trampoline when the thread stands %s its system call', (_, offset) => {
    const walked = unwindThread({
      functions: [...FUNCTIONS, withoutRules(0x8000)],
      registers: { rip: TRAMPOLINE + offset, rsp: OTHER_STACK },
      stack: { ...PLAIN.stack, ...signalFrame(OTHER_STACK, { rip: inModule(0x1010), rsp: STACK }) },
      code: { [TRAMPOLINE]: [...RESTORE, 0x90] },
    });
    expect(pcsOf(walked).slice(1)).toEqual(pcsOf(unwindThread(PLAIN)));
  });

  test('follows the rules of a trampoline that has some, and no instructions that we know', () => {
    const at = (offset: number) =>
      ({ kind: 'expression', expression: Uint8Array.of(0x77, ...sleb16(offset)) }) as const;
    const row = rowX86(0, {
      cfa: { kind: 'expression', expression: Uint8Array.of(0x77, ...sleb16(160), 6) },
      registers: { 16: at(168), 6: at(120), 7: at(160) },
      isSignalFrame: true,
    });
    const walked = unwindThread({
      functions: [...FUNCTIONS, { start: TRAMPOLINE - 1, sizeBytes: 16, row }],
      registers: { rip: TRAMPOLINE, rsp: OTHER_STACK },
      stack: { ...PLAIN.stack, ...signalFrame(OTHER_STACK, { rip: INNER.start, rsp: STACK }) },
    });
    expect(walked.frames[0]?.isSignalFrame).toBe(true);
    expect(pcsOf(walked).slice(1)).toEqual([
      INNER.start,
      inModule(0x2020),
      inModule(0x3030),
      inModule(0x4040),
    ]);
  });

  test('goes on where a call of a null pointer was interrupted', () => {
    const walked = unwindThread({
      functions: [...FUNCTIONS, withoutRules(0x8000)],
      registers: { rip: TRAMPOLINE, rsp: OTHER_STACK },
      stack: {
        [STACK - 8]: inModule(0x1010),
        ...PLAIN.stack,
        ...signalFrame(OTHER_STACK, { rip: 0, rsp: STACK - 8, rbp: STACK }),
      },
      code: { [TRAMPOLINE]: RESTORE, [inModule(0x1010) - 8]: [0, 0, 0, ...CALL] },
    });
    expect(pcsOf(walked)).toEqual([TRAMPOLINE, 0, ...pcsOf(unwindThread(PLAIN))]);
    expect(methodsOf(walked)[1]).toBe('leaf-function');
  });

  test('cuts off where signal frames go in a circle', () => {
    const walked = unwindThread({
      functions: [withoutRules(0x8000)],
      registers: { rip: TRAMPOLINE, rsp: OTHER_STACK },
      stack: signalFrame(OTHER_STACK, { rip: TRAMPOLINE, rsp: OTHER_STACK }),
      code: { [TRAMPOLINE]: RESTORE },
    });
    expect(walked.frames.length).toBe(2);
    expect(walked.end).toEqual({
      kind: 'cut-off',
      reason: `the frames go in a circle through the signal frame at 0x${OTHER_STACK.toString(16)}`,
    });
  });
});

describe('unwindStack() without unwind rules', () => {
  const BARE = withoutRules(0x5000);
  const functions = [...FUNCTIONS, BARE];

  test('follows frame pointers that stay within the stack, and then rules again', () => {
    const walked = unwindThread({
      functions,
      registers: { rip: inModule(0x5010), rsp: STACK, rbp: STACK + 32 },
      stack: {
        [STACK]: 1,
        [STACK + 32]: STACK + 64,
        [STACK + 40]: inModule(0x5020),
        [STACK + 64]: 0x1234,
        [STACK + 72]: inModule(0x4040),
      },
      code: { [BARE.start]: Array.from({ length: 64 }, () => 0x90) },
    });
    expect(pcsOf(walked)).toEqual([inModule(0x5010), inModule(0x5020), inModule(0x4040)]);
    expect(methodsOf(walked)).toEqual(['frame-pointer', 'frame-pointer', undefined]);
    expect(walked.frames[2]?.stackPointer).toBe(STACK + 80);
  });

  test.each([
    ['is not aligned', STACK + 33],
    ['lies below the stack pointer', STACK - 64],
    ['lies too far above', STACK + (16 << 20)],
    ['leads to no return address', STACK + 48],
    ['leads nowhere', STACK + 0x8_0000],
  ])('does not follow a frame pointer that %s', (_, rbp) => {
    const stack = {
      [STACK - 64]: 0,
      [STACK - 56]: inModule(0x5020),
      [STACK]: 0,
      [STACK + 33]: 0,
      [STACK + 41]: inModule(0x5020),
      [STACK + 56]: 0x10,
    };
    const walked = unwindThread({ functions, registers: { rip: inModule(0x5010), rsp: STACK, rbp }, stack });
    expect(walked.frames.length).toBe(1);
    expect(walked.end.kind).toBe('cut-off');
  });

  test('takes a frame pointer of 0 for the end', () => {
    const registers = { rip: inModule(0x5010), rsp: STACK, rbp: 0 };
    const walked = unwindThread({
      functions,
      registers,
      stack: { [STACK]: 5 },
      code: { [BARE.start]: new Array(64).fill(0x90) },
    });
    expect([walked.frames.length, walked.end]).toEqual([1, { kind: 'outermost' }]);
  });

  test.each<[string, number, readonly number[], Readonly<Record<string, number>>]>([
    ['add $8, %rsp; ret', 8, [0x48, 0x83, 0xc4, 8, 0xc3], {}],
    ['add $0x100, %rsp; ret', 0x100, [0x48, 0x81, 0xc4, 0, 1, 0, 0, 0xc3], {}],
    ['pop %rbx; pop %r12; ret', 16, [0x5b, 0x41, 0x5c, 0xc3], {}],
    ['vzeroupper; rep ret', 0, [0xc5, 0xf8, 0x77, 0xf3, 0xc3], {}],
    ['pop %rbx; leave; ret', 72, [0x5b, 0xc9, 0xc3], { rbp: STACK + 64 }],
    [
      'endbr64; push %rbp; mov %rsp, %rbp',
      0,
      [0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5],
      { rbp: STACK + 64 },
    ],
  ])('reads from the instructions %s where the return address is', (_, offset, code, registers) => {
    const walked = unwindThread({
      functions,
      registers: { rip: BARE.start, rsp: STACK, ...registers },
      stack: { [STACK]: 0x77, [STACK + offset]: inModule(0x4040), [STACK + 0x200]: 0 },
      code: { [BARE.start]: [...code, ...new Array(32).fill(0x90)] },
    });
    expect(pcsOf(walked)).toEqual([BARE.start, inModule(0x4040)]);
    expect(methodsOf(walked)[0]).toBe('instructions');
    expect(walked.frames[1]?.stackPointer).toBe(STACK + offset + 8);
  });

  test('knows the frame pointer that a prologue has pushed and an epilogue will pop', () => {
    const byFramePointer: CfaRule = { kind: 'register', register: 6, offset: 16 };
    const walked = unwindThread({
      functions: [
        ...functions,
        { start: inModule(0x6000), sizeBytes: 16, row: rowX86(0, { cfa: byFramePointer }) },
      ],
      registers: { rip: BARE.start + 1, rsp: STACK, rbp: STACK + 0x80 },
      stack: { [STACK]: STACK + 0x40, [STACK + 8]: inModule(0x6004), [STACK + 0x48]: inModule(0x4040) },
      code: { [BARE.start - 7]: [0, 0, 0, 0, 0, 0, 0, 0x55, 0x48, 0x89, 0xe5, ...new Array(32).fill(0x90)] },
    });
    expect(pcsOf(walked)).toEqual([BARE.start + 1, inModule(0x6004), inModule(0x4040)]);
  });

  test('goes through code made at run time, whose return addresses follow a call', () => {
    const made = 0x5555_0000_0000;
    const walked = unwindThread({
      functions,
      registers: { rip: inModule(0x1010), rsp: STACK },
      stack: { [STACK + 8]: made + 8, [STACK + 24]: made + 22, [STACK + 40]: inModule(0x4040) },
      code: {
        // The trampoline of CPython's -X perf: call *%rcx; add $8, %rsp; ret.
        [made - 8]: [
          ...new Array(14).fill(0x90),
          0xff,
          0xd1,
          0x48,
          0x83,
          0xc4,
          8,
          0xc3,
          ...new Array(7).fill(0x90),
          0xff,
          0xd1,
          0x48,
          0x83,
          0xc4,
          8,
          0xc3,
          ...new Array(32).fill(0x90),
        ],
      },
    });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), made + 8, made + 22, inModule(0x4040)]);
  });

  test('takes the word at the stack pointer of a leaf function when a call precedes it', () => {
    const thread = {
      functions,
      registers: { rip: inModule(0x5010), rsp: STACK, rbp: 0x77 },
      stack: { [STACK]: inModule(0x4040) },
    };
    const leaf = unwindThread({ ...thread, code: { [inModule(0x4040) - 8]: [0, 0, 0, ...CALL] } });
    expect(methodsOf(leaf)).toEqual(['leaf-function', undefined]);
    const none = unwindThread({ ...thread, code: { [inModule(0x4040) - 8]: new Array(8).fill(0x90) } });
    expect(none.frames.length).toBe(1);
  });

  test('prefers frame pointers to rules that lead nowhere', () => {
    const byScratch: CfaRule = { kind: 'register', register: 1, offset: 16 };
    const walked = unwindThread({
      functions: [{ ...INNER, row: rowX86(0, { cfa: byScratch }) }, START],
      registers: { rip: inModule(0x1010), rsp: STACK, rbp: STACK + 16 },
      stack: { [STACK + 16]: 0, [STACK + 24]: inModule(0x4040) },
    });
    expect(methodsOf(walked)).toEqual(['frame-pointer', undefined]);
  });
});

function fail(error: Error): never {
  throw error;
}

function hexIn(offset: number): string {
  return `0x${(BIAS + offset).toString(16)}`;
}

/** A positive number below 2^13 as a signed LEB128 of two bytes. */
function sleb16(value: number): readonly number[] {
  return [(value & 0x7f) | 0x80, value >> 7];
}
