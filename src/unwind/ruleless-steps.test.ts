import { describe, expect, test } from 'vitest';
import { inModule, methodsOf, pcsOf, rowX86, unwindThread } from '../../test/support/native-stack-writer.ts';
import type { CfaRule } from '../dwarf/call-frame/row.ts';

const STACK = 0x7ffe_0000_1000;

/** Functions with unwind rules; the second one has no caller. */
const INNER = { start: inModule(0x1000), sizeBytes: 0x100, row: rowX86(16) };
const START = {
  start: inModule(0x4000),
  sizeBytes: 0x100,
  row: rowX86(8, { registers: { 16: { kind: 'undefined' } } }),
};
const FUNCTIONS = [INNER, START];
/** A module without unwind rules, whose code starts at an address. */
const withoutRules = (offset: number) => ({ start: inModule(offset), sizeBytes: 0x100 });

/** `call` with a 32-bit distance. */
const CALL = [0xe8, 0, 0, 0, 0];

describe('unwindStack() of code without unwind rules', () => {
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

  describe('by where its instructions lead', () => {
    // test %eax, %eax; je to a pop of %rbx; call; add $24, %rsp; ret; pop %rbx; ret
    const code = [
      0x85,
      0xc0,
      0x74,
      10,
      ...CALL,
      0x48,
      0x83,
      0xc4,
      24,
      0xc3,
      0x5b,
      0xc3,
      0x90,
      0x90,
      0x90,
      0x90,
    ];
    const behindCall = inModule(0x4040);
    const thread = {
      functions,
      registers: { rip: BARE.start, rsp: STACK, rbp: 0x77 },
      code: { [BARE.start]: [...code, ...new Array(16).fill(0x90)], [behindCall - 8]: [0, 0, 0, ...CALL] },
    };

    test.each([
      ['a return after calls and branches', { [STACK]: 1, [STACK + 8]: 2, [STACK + 24]: behindCall }, 32],
      ['the return that leads behind a call', { [STACK]: 1, [STACK + 8]: behindCall, [STACK + 24]: 2 }, 16],
    ])('follows it to %s', (_, stack, depth) => {
      const walked = unwindThread({ ...thread, stack });
      expect(pcsOf(walked)).toEqual([BARE.start, behindCall]);
      expect(methodsOf(walked)[0]).toBe('instructions');
      expect(walked.frames[1]?.stackPointer).toBe(STACK + depth);
    });

    test('believes no return address that follows no call', () => {
      const walked = unwindThread({ ...thread, stack: { [STACK + 8]: behindCall - 1, [STACK + 24]: 0 } });
      expect([walked.frames.length, walked.end.kind]).toEqual([1, 'cut-off']);
    });

    test('follows each of many calls at one place', () => {
      const stack = { [STACK + 24]: BARE.start + 9, [STACK + 56]: BARE.start + 9, [STACK + 88]: behindCall };
      const walked = unwindThread({ ...thread, stack });
      expect(pcsOf(walked)).toEqual([BARE.start, BARE.start + 9, BARE.start + 9, behindCall]);
    });
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
