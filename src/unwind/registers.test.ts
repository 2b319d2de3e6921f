import { expect, test } from 'vitest';
import { MalformedInputError } from '../base/errors.ts';
import { AARCH64 } from './arch/aarch64.ts';
import { X86_64 } from './arch/x86-64.ts';
import { architectureOf } from './architecture.ts';
import { parseRegisterSet } from './registers.ts';

/** A register set in which each word holds its own index. */
function setOf(words: number): Uint8Array {
  return new Uint8Array(BigUint64Array.from({ length: words }, (_, index) => BigInt(index)).buffer);
}

test('parseRegisterSet() takes the registers of x86-64 from struct user_regs_struct', () => {
  // r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp (sys/user.h)
  expect(parseRegisterSet(X86_64, setOf(27))).toEqual(
    [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16].map(BigInt),
  );
});

test('parseRegisterSet() takes the registers of aarch64 from struct user_pt_regs', () => {
  expect(parseRegisterSet(AARCH64, setOf(34))).toEqual(
    Array.from({ length: 33 }, (_, index) => BigInt(index)),
  );
});

test('parseRegisterSet() refuses a set that is cut off', () => {
  expect(() => parseRegisterSet(X86_64, setOf(10))).toThrow(MalformedInputError);
  expect(() => parseRegisterSet(X86_64, setOf(10))).toThrow(
    'Cannot read register set of x86-64 at offset 80',
  );
});

test('architectureOf() knows what it can unwind', () => {
  expect(architectureOf('x86-64')).toBe(X86_64);
  expect(architectureOf('aarch64')).toBe(AARCH64);
  expect(architectureOf(243)).toBeUndefined();
});
