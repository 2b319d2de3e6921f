import { StructView } from '../base/struct-view.ts';
import type { SyscallState } from './proc/syscall.ts';

/**
 * `struct user_regs_struct` of x86-64 (arch/x86/include/asm/user_64.h), which ptrace(2) gives and core files hold. That of aarch64,
 * `struct user_pt_regs`, does not tell whether a thread is in a system call at all.
 */
export const REGISTERS = {
  architecture: 'x64',
  sizeBytes: 216,
  /** Arguments of a system call: rdi, rsi, rdx, r10, r8, r9. */
  args: [112, 104, 96, 56, 72, 64],
  /** rax: what the system call answered. */
  result: 80,
  /** orig_rax: the system call, or -1 outside of one. */
  number: 120,
  instructionPointer: 128,
  stackPointer: 152,
  /** fs_base */
  threadPointer: 168,
} as const;

/** How long the set of general registers is, by the architecture that we run on: of these we read it. */
export const REGISTER_SET_BYTES: Partial<Record<NodeJS.Architecture, number>> = {
  [REGISTERS.architecture]: REGISTERS.sizeBytes,
  arm64: 272,
};

/** Tells what a thread does by its registers; `undefined` for a set that is cut off. */
export function syscallOfRegisters(bytes: Uint8Array): SyscallState | undefined {
  if (bytes.length < REGISTERS.sizeBytes) return undefined;
  const registers = new StructView(bytes, 'user_regs_struct');
  const number = Number(registers.i64(REGISTERS.number));
  const stackPointer = registers.u64(REGISTERS.stackPointer);
  const instructionPointer = registers.u64(REGISTERS.instructionPointer);
  if (number < 0) return { kind: 'outside', stackPointer, instructionPointer };
  const args = REGISTERS.args.map((offset) => registers.u64(offset));
  return { kind: 'inside', number, args, stackPointer, instructionPointer };
}
