import { expect, test } from 'vitest';
import { parseInstruction } from './x86-64-instruction.ts';

// As the GNU assembler makes them.
test.each([
  ['ret', [0xc3]],
  ['push %r12', [0x41, 0x54]],
  ['mov %rsp, %rbp', [0x48, 0x89, 0xe5]],
  ['mov 0x18(%rsp), %rdx', [0x48, 0x8b, 0x54, 0x24, 0x18]],
  ['sub %fs:0x28, %rdx', [0x64, 0x48, 0x2b, 0x14, 0x25, 0x28, 0, 0, 0]],
  ['lea -0x6b(%rip), %r13', [0x4c, 0x8d, 0x2d, 0x95, 0xff, 0xff, 0xff]],
  ['lock cmpxchg %edx, (%rbx)', [0xf0, 0x0f, 0xb1, 0x13]],
  ['movabs $1, %rax', [0x48, 0xb8, 1, 0, 0, 0, 0, 0, 0, 0]],
  ['movw $1, (%rax)', [0x66, 0xc7, 0, 1, 0]],
  ['testb $1, (%rax)', [0xf6, 0, 1]],
  ['not %eax', [0xf7, 0xd0]],
  ['jne with 32 bits', [0x0f, 0x85, 0, 1, 0, 0]],
  ['shufps $1, %xmm0, %xmm1', [0x0f, 0xc6, 0xc8, 1]],
  ['palignr $1, %xmm0, %xmm1', [0x66, 0x0f, 0x3a, 0x0f, 0xc8, 1]],
  ['vzeroupper', [0xc5, 0xf8, 0x77]],
  ['vpermq $1, %ymm0, %ymm1', [0xc4, 0xe3, 0xfd, 0, 0xc8, 1]],
  ['vfmadd231pd 0x40(%rsi), %zmm1, %zmm2', [0x62, 0xf2, 0xf5, 0x48, 0xb8, 0x56, 1]],
  ['nopw with a prefix of segments', [0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0]],
])('parseInstruction() knows how long %s is', (_name, bytes) => {
  const code = Uint8Array.from([...bytes, 0x90, 0x90, 0x90, 0x90]);
  expect(parseInstruction(code)?.sizeBytes).toBe(bytes.length);
});

test('parseInstruction() takes numbers with their sign, and registers with their prefix', () => {
  const load = parseInstruction(Uint8Array.from([0x4c, 0x8b, 0xb5, 0xf0, 0xff, 0xff, 0xff])); // mov -0x10(%rbp), %r14
  expect(load?.operand).toMatchObject({ register: 14, other: undefined, base: 5, displacement: -16 });
  expect(load?.isWide).toBe(true);
  const jump = parseInstruction(Uint8Array.from([0xe9, 0xfe, 0xff, 0xff, 0xff]));
  expect(jump?.immediate).toBe(-2);
  const indexed = parseInstruction(Uint8Array.from([0x48, 0x8b, 0x14, 0xc4])); // mov (%rsp,%rax,8), %rdx
  expect(indexed?.operand?.base).toBeUndefined();
});

test.each([
  ['nothing', []],
  ['an opcode that 64-bit code has not', [0x06, 0, 0, 0, 0, 0]],
  ['an immediate operand that is cut off', [0xe8, 0, 0]],
  ['prefixes and no more', [0x66, 0x66]],
])('parseInstruction() takes no instruction out of %s', (_name, bytes) => {
  expect(parseInstruction(Uint8Array.from(bytes))?.sizeBytes).toBeUndefined();
});
