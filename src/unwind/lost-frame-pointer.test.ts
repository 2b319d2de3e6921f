import { describe, expect, test } from 'vitest';
import { word } from '../../test/support/call-frame-writer.ts';
import {
  BIAS,
  inModule,
  methodsOf,
  pcsOf,
  rowX86,
  savedAt,
  unwindThread,
} from '../../test/support/native-stack-writer.ts';
import type { CfaRule } from '../dwarf/call-frame/row.ts';

const STACK = 0x7ffe_0000_1000;
const BY_FRAME_POINTER: CfaRule = { kind: 'register', register: 6, offset: 16 };

/** A function that has saved rbp and rbx and is in a system call; one that called it; and one that ends the stack. */
const FUNCTION = inModule(0x1000);
const PC = FUNCTION + 0x80;
const CALLER = inModule(0x2040);
const OUTERMOST = inModule(0x3040);
const FUNCTIONS = [
  {
    start: FUNCTION,
    sizeBytes: 0x100,
    row: rowX86(0, {
      cfa: BY_FRAME_POINTER,
      registers: { 6: savedAt(-16), 3: savedAt(-24) },
      functionStart: FUNCTION - BIAS,
    }),
  },
  {
    start: inModule(0x2000),
    sizeBytes: 0x100,
    row: rowX86(0, { cfa: BY_FRAME_POINTER, registers: { 6: savedAt(-16) } }),
  },
  {
    start: inModule(0x3000),
    sizeBytes: 0x100,
    row: rowX86(8, { registers: { 16: { kind: 'undefined' } } }),
  },
];

/** Nobody knows rbp, and the frame ends 0x20 + 8 bytes above the stack pointer: the frame pointer, the return address. */
const STACK_WORDS = {
  [STACK]: 0,
  [STACK + 0x20]: 0x33,
  [STACK + 0x28]: STACK + 0x80,
  [STACK + 0x30]: CALLER,
  [STACK + 0x80]: 0,
  [STACK + 0x88]: OUTERMOST,
};

const NOPS = Array.from({ length: 0x80 }, () => 0x90);
const PUSHES = [0x55, 0x48, 0x89, 0xe5, 0x53];
const RESERVES = [0x48, 0x83, 0xec, 0x20];
const callBefore = (end: number, target: number) => ({
  [end - 8]: [0x90, 0x90, 0x90, 0xe8, ...word(target - end, 4)],
});
const CALL_OF_POINTER = { [CALLER - 8]: [0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0] };

interface Written {
  readonly entry: readonly number[];
  readonly calls: Readonly<Record<number, readonly number[]>>;
  readonly stack?: Readonly<Record<number, number>>;
}

function unwind({ entry, calls, stack = {} }: Written) {
  return unwindThread({
    functions: FUNCTIONS,
    registers: { rip: PC, rsp: STACK },
    stack: { ...STACK_WORDS, ...stack },
    code: { [FUNCTION]: [...entry, ...NOPS], ...calls },
  });
}

describe('withFramePointer()', () => {
  test.each<[string, Written]>([
    ['reserves, when a pointer called it', { entry: [...PUSHES, ...RESERVES], calls: CALL_OF_POINTER }],
    [
      'reserves behind other work',
      { entry: [...PUSHES, 0x49, 0x89, 0xfc, ...RESERVES], calls: CALL_OF_POINTER },
    ],
    [
      'reserves for registers too, which it then moves there',
      { entry: [0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x28], calls: CALL_OF_POINTER },
    ],
    [
      'reserves by a push of what it does not need again',
      {
        entry: [...PUSHES, 0x50],
        calls: CALL_OF_POINTER,
        stack: { [STACK + 0x10]: STACK + 0x80, [STACK + 0x18]: CALLER, [STACK + 0x30]: 0 },
      },
    ],
    [
      'reserves, as its caller confirms',
      { entry: [...PUSHES, ...RESERVES], calls: callBefore(CALLER, FUNCTION) },
    ],
    ['does not tell, but its caller does', { entry: PUSHES, calls: callBefore(CALLER, FUNCTION) }],
  ])('counts from what a function %s', (_, written) => {
    const walked = unwind(written);
    expect(pcsOf(walked)).toEqual([PC, CALLER, OUTERMOST]);
    expect(methodsOf(walked)).toEqual(['call-search', 'call-frame-information', undefined]);
    expect(walked.end).toEqual({ kind: 'outermost' });
  });

  test('does not believe a call of another function', () => {
    const { frames, end } = unwind({
      entry: [...PUSHES, ...RESERVES],
      calls: callBefore(CALLER, FUNCTION + 0x40),
    });
    expect(frames.map(({ pc }) => pc)).toEqual([PC]);
    expect(end.kind).toBe('cut-off');
  });

  test('does not choose between two calls of pointers', () => {
    // The word below may be one too, if the register was moved into what is reserved.
    const { frames } = unwind({
      entry: [...PUSHES, ...RESERVES],
      calls: CALL_OF_POINTER,
      stack: { [STACK + 0x28]: CALLER },
    });
    expect(frames.map(({ pc }) => pc)).toEqual([PC]);
  });
});
