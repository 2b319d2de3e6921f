import { describe, expect, test } from 'vitest';
import { inModule, methodsOf, pcsOf, rowX86, unwindThread } from '../../test/support/native-stack-writer.ts';
import { INNER, NESTED_CALLS, STACK } from '../../test/support/nested-calls.ts';

/** A module without unwind rules, whose code starts at an address. */
const withoutRules = (offset: number) => ({ start: inModule(offset), sizeBytes: 0x100 });

/** `call` with a 32-bit distance. */
const CALL = [0xe8, 0, 0, 0, 0];

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
      functions: [...NESTED_CALLS.functions, HANDLER, withoutRules(0x8000)],
      registers: { rip: inModule(0x7010), rsp: OTHER_STACK },
      stack: {
        ...NESTED_CALLS.stack,
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
      functions: [...NESTED_CALLS.functions, withoutRules(0x8000)],
      registers: { rip: TRAMPOLINE + offset, rsp: OTHER_STACK },
      stack: { ...NESTED_CALLS.stack, ...signalFrame(OTHER_STACK, { rip: inModule(0x1010), rsp: STACK }) },
      code: { [TRAMPOLINE]: [...RESTORE, 0x90] },
    });
    expect(pcsOf(walked).slice(1)).toEqual(pcsOf(unwindThread(NESTED_CALLS)));
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
      functions: [...NESTED_CALLS.functions, { start: TRAMPOLINE - 1, sizeBytes: 16, row }],
      registers: { rip: TRAMPOLINE, rsp: OTHER_STACK },
      stack: { ...NESTED_CALLS.stack, ...signalFrame(OTHER_STACK, { rip: INNER.start, rsp: STACK }) },
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
      functions: [...NESTED_CALLS.functions, withoutRules(0x8000)],
      registers: { rip: TRAMPOLINE, rsp: OTHER_STACK },
      stack: {
        [STACK - 8]: inModule(0x1010),
        ...NESTED_CALLS.stack,
        ...signalFrame(OTHER_STACK, { rip: 0, rsp: STACK - 8, rbp: STACK }),
      },
      code: { [TRAMPOLINE]: RESTORE, [inModule(0x1010) - 8]: [0, 0, 0, ...CALL] },
    });
    expect(pcsOf(walked)).toEqual([TRAMPOLINE, 0, ...pcsOf(unwindThread(NESTED_CALLS))]);
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

/** A positive number below 2^13 as a signed LEB128 of two bytes. */
function sleb16(value: number): readonly number[] {
  return [(value & 0x7f) | 0x80, value >> 7];
}
