import { describe, expect, test } from 'vitest';
import { word } from '../../test/support/call-frame-writer.ts';
import { inModule, methodsOf, pcsOf, rowX86, unwindThread } from '../../test/support/native-stack-writer.ts';
import type { CfaRule } from '../dwarf/call-frame/row.ts';

const STACK = 0x7ffe_0000_1000;

/** Functions without rules, as musl has them, and one with rules that ends the stack. */
const LIBRARY = { start: inModule(0x1_0000), sizeBytes: 0x1_0000 };
const START = {
  start: inModule(0x4000),
  sizeBytes: 0x1000,
  row: rowX86(8, { registers: { 16: { kind: 'undefined' } } }),
};
const FUNCTIONS = [LIBRARY, START];
const FUNCTION = inModule(0x1_0100);
const PC = FUNCTION + 0x40;
const RETURN = inModule(0x4040);
const BEGAN = inModule(0x1_8000);

/** The bytes of `call target`, by the address that they begin at: the call ends at `end`. */
const callBefore = (end: number, target: number) => ({ [end - 5]: [0xe8, ...word(target - end, 4)] });

const NOPS = Array.from({ length: 0x80 }, () => 0x90);
const PLAIN = {
  functions: FUNCTIONS,
  registers: { rip: PC, rsp: STACK, rbp: 0x77 },
  stack: { [STACK]: 1, [STACK + 8]: 0x1234, [STACK + 32]: RETURN, [STACK + 256]: 0 },
};

describe('unwindStack() by the call that led to a function', () => {
  test.each<[string, Readonly<Record<number, readonly number[]>>, Readonly<Record<number, number>>]>([
    ['a direct call', callBefore(RETURN, FUNCTION), {}],
    [
      'a call through the procedure linkage table',
      {
        ...callBefore(RETURN, inModule(0x4800)),
        [inModule(0x4800)]: [0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, ...word(0x10, 4), 0, 0, 0, 0, 0, 0],
      },
      { [inModule(0x481a)]: FUNCTION },
    ],
    [
      'a call through the global offset table',
      { [RETURN - 6]: [0xff, 0x15, ...word(0x100, 4)] },
      { [RETURN + 0x100]: FUNCTION },
    ],
  ])('finds the return address behind %s', (_, code, words) => {
    const slots = Object.entries(words).map(([address, value]) => [Number(address), word(value, 8)]);
    const walked = unwindThread({
      ...PLAIN,
      code: { [FUNCTION]: NOPS, ...code, ...Object.fromEntries(slots) },
    });
    expect(pcsOf(walked)).toEqual([PC, RETURN]);
    expect(methodsOf(walked)).toEqual(['call-search', undefined]);
    expect(walked.frames[1]?.stackPointer).toBe(STACK + 40);
  });

  test('passes over return addresses that other calls have left', () => {
    const [left, far] = [inModule(0x4100), inModule(0x4200)];
    const walked = unwindThread({
      ...PLAIN,
      stack: { ...PLAIN.stack, [STACK + 8]: left, [STACK + 16]: far },
      code: {
        [FUNCTION]: NOPS,
        // To a function that ends before ours begins, to one behind ours, and to ours.
        ...callBefore(left, FUNCTION - 0x40),
        ...callBefore(far, PC + 0x40),
        ...callBefore(RETURN, FUNCTION),
      },
    });
    expect(pcsOf(walked)).toEqual([PC, RETURN]);
  });

  test('knows the registers that the function has pushed', () => {
    const byFramePointer: CfaRule = { kind: 'register', register: 6, offset: 16 };
    const caller = { start: inModule(0x6000), sizeBytes: 0x100, row: rowX86(0, { cfa: byFramePointer }) };
    const returnAddress = inModule(0x6040);
    const walked = unwindThread({
      functions: [...FUNCTIONS, caller],
      registers: { rip: PC, rsp: STACK, rbp: 3 },
      stack: {
        [STACK]: 0,
        // push %r12; mov %rdi, %r12; push %rbp: below the return address, in this order.
        [STACK + 16]: STACK + 64,
        [STACK + 24]: 12,
        [STACK + 32]: returnAddress,
        [STACK + 72]: RETURN,
      },
      code: {
        [FUNCTION]: [0xf3, 0x0f, 0x1e, 0xfa, 0x41, 0x54, 0x49, 0x89, 0xfc, 0x55, ...NOPS],
        ...callBefore(returnAddress, FUNCTION),
      },
    });
    expect(pcsOf(walked)).toEqual([PC, returnAddress, RETURN]);
  });

  test('keeps a frame pointer that leads on, when the function has not pushed it', () => {
    const byFramePointer: CfaRule = { kind: 'register', register: 6, offset: 16 };
    const caller = { start: inModule(0x6000), sizeBytes: 0x100, row: rowX86(0, { cfa: byFramePointer }) };
    const returnAddress = inModule(0x6040);
    const walked = unwindThread({
      functions: [...FUNCTIONS, caller],
      registers: { rip: PC, rsp: STACK, rbp: STACK + 64 },
      stack: { [STACK + 32]: returnAddress, [STACK]: 0, [STACK + 72]: RETURN },
      code: { [FUNCTION]: NOPS, ...callBefore(returnAddress, FUNCTION) },
    });
    expect(pcsOf(walked)).toEqual([PC, returnAddress, RETURN]);
  });

  test('does not search beyond a frame pointer that makes sense', () => {
    const walked = unwindThread({
      ...PLAIN,
      registers: { rip: PC, rsp: STACK, rbp: STACK + 8 },
      stack: { ...PLAIN.stack, [STACK + 8]: 0, [STACK + 16]: inModule(0x4400) },
      code: { [FUNCTION]: NOPS, ...callBefore(RETURN, FUNCTION) },
    });
    expect(pcsOf(walked)).toEqual([PC, inModule(0x4400)]);
    expect(methodsOf(walked)[0]).toBe('frame-pointer');
  });

  /** The walk goes to where the code ends with a call, and takes that for the outermost one. */
  const expectToEndBehind = (code: readonly number[]): void => {
    const walked = unwindThread({
      ...PLAIN,
      stack: { [STACK]: 0, [STACK + 16]: BEGAN, [STACK + 256]: 0 },
      code: { [FUNCTION]: NOPS, [BEGAN - 32]: [...NOPS.slice(0, 32 - code.length), ...code, ...NOPS] },
    });
    expect(pcsOf(walked)).toEqual([PC, BEGAN]);
    expect(walked.end).toEqual({ kind: 'outermost' });
  };

  test.each([
    ['xor %ebp, %ebp; pop %rdi; call *%r9', [0x31, 0xed, 0x5f, 0x41, 0xff, 0xd1]],
    [
      'xor %rbp, %rbp; mov %rsp, %rdi; and $-16, %rsp; call',
      [0x48, 0x31, 0xed, 0x48, 0x89, 0xe7, 0x48, 0x83, 0xe4, 0xf0, 0xe8, ...word(FUNCTION - BEGAN, 4)],
    ],
  ])('ends where a thread began with %s', (_, code) => {
    expectToEndBehind(code);
  });

  test('ends where a program began with a call of what jumped into a library', () => {
    const code = [0x48, 0x31, 0xed, 0x48, 0x89, 0xe7, 0x48, 0x83, 0xe4, 0xf0, 0xe8, ...word(0x80_0000, 4)];
    expectToEndBehind(code);
  });
});
