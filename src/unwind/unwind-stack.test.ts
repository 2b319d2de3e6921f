import { describe, expect, test } from 'vitest';
import {
  BIAS,
  inModule,
  pcsOf,
  rowX86,
  savedAt,
  unwindThread,
} from '../../test/support/native-stack-writer.ts';
import { INNER, NESTED_CALLS, OUTER, STACK, START } from '../../test/support/nested-calls.ts';
import { TestMemory } from '../../test/support/test-memory.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { CfaRule } from '../dwarf/call-frame/row.ts';
import { lookupAddressOf } from './unwound-stack.ts';

describe('unwindStack()', () => {
  test('walks from the registers to the outermost frame by the rules of the files', () => {
    const frame = { isSignalFrame: false, callerFoundBy: 'call-frame-information' };
    expect(unwindThread(NESTED_CALLS)).toEqual({
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
    const stack = { ...NESTED_CALLS.stack, [STACK + 8]: end };
    const walked = unwindThread({ ...NESTED_CALLS, functions: [...NESTED_CALLS.functions, next], stack });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), end, inModule(0x3030), inModule(0x4040)]);
    expect(walked.frames.map(lookupAddressOf)[1]).toBe(end - 1);
  });

  test('looks up the innermost pc itself, at which a function may begin', () => {
    const walked = unwindThread({ ...NESTED_CALLS, registers: { rip: INNER.start, rsp: STACK } });
    expect(walked.end).toEqual({ kind: 'outermost' });
    expect(walked.frames.map(lookupAddressOf)[0]).toBe(INNER.start);
  });

  test('takes a return address of 0 for the end', () => {
    const walked = unwindThread({ ...NESTED_CALLS, stack: { ...NESTED_CALLS.stack, [STACK + 40]: 0 } });
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
    const functions = [{ ...INNER, row: rowX86(0, { cfa }) }, ...NESTED_CALLS.functions.slice(1)];
    const walked = unwindThread({
      ...NESTED_CALLS,
      functions,
      registers: { ...NESTED_CALLS.registers, rbx: STACK + 8 },
    });
    expect(pcsOf(walked)).toEqual(pcsOf(unwindThread(NESTED_CALLS)));
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
      registers: { ...NESTED_CALLS.registers, rcx: inModule(0x4040) },
      stack: { [STACK + 116]: inModule(0x4040) },
    });
    expect(pcsOf(walked)).toEqual([inModule(0x1010), inModule(0x4040)]);
  });

  test('forgets the registers that a call may change', () => {
    const byScratch: CfaRule = { kind: 'register', register: 1, offset: 16 };
    const functions = [INNER, { ...OUTER, row: rowX86(0, { cfa: byScratch }) }];
    const walked = unwindThread({
      ...NESTED_CALLS,
      functions,
      registers: { ...NESTED_CALLS.registers, rdx: STACK },
    });
    expect(walked.end).toEqual({
      kind: 'cut-off',
      reason: `Cannot read call frame of ${hexIn(0x2020)} at offset 0: register 1, from which the CFA is computed, is not known`,
    });
  });

  test('walks 50,000 frames of one function', () => {
    const count = 50_000;
    const words = new BigUint64Array(count * 2).fill(BigInt(inModule(0x1020)));
    words[count * 2 - 1] = BigInt(inModule(0x4040));
    const memory = new TestMemory().map(STACK, new Uint8Array(words.buffer));
    const walked = unwindThread({ ...NESTED_CALLS, stack: {}, memory });
    expect([walked.frames.length, walked.end.kind]).toEqual([count + 1, 'outermost']);
  });

  test('stops at the most frames that it may find', () => {
    const walked = unwindThread({ ...NESTED_CALLS, options: { maxFrames: 2 } });
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
    const walked = unwindThread({ ...NESTED_CALLS, functions, stack });
    const reason = `the stack pointer of the caller of ${hexIn(0x1010)}, 0x${(STACK + offset).toString(16)}, is not above its own`;
    expect(walked.end).toEqual({ kind: 'cut-off', reason });
    expect(walked.frames.length).toBe(1);
  });

  test.each<[string, string, Parameters<typeof unwindThread>[0]]>([
    [
      'a stack that is not there',
      'Cannot read 8 bytes at 0x7ffe00001008: not mapped in the target',
      { ...NESTED_CALLS, stack: {} },
    ],
    [
      'unwind rules that make no sense',
      'Cannot read .eh_frame at offset 3: it is torn',
      {
        ...NESTED_CALLS,
        functions: [{ ...INNER, row: () => fail(new MalformedInputError('.eh_frame', 3, 'it is torn')) }],
      },
    ],
    [
      'a return address outside user space',
      `the caller of ${hexIn(0x1010)} would be at 0xffffffffffffff00, outside user space`,
      { ...NESTED_CALLS, stack: { [STACK + 8]: 0xffff_ffff_ffff_ff00n } },
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
        ...NESTED_CALLS,
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

function fail(error: Error): never {
  throw error;
}

function hexIn(offset: number): string {
  return `0x${(BIAS + offset).toString(16)}`;
}
