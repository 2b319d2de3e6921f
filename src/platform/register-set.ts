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

/** `struct user_pt_regs` of aarch64 (arch/arm64/include/uapi/asm/ptrace.h): x0 to x30, sp, pc and pstate. */
export const PT_REGISTERS = {
  sizeBytes: 272,
  /** x0 to x5 */
  args: [0, 8, 16, 24, 32, 40],
  /** x8 */
  number: 64,
  stackPointer: 248,
  instructionPointer: 256,
} as const;

/** `svc #0`, which makes a system call. */
export const SUPERVISOR_CALL = { code: 0xd400_0001, sizeBytes: 4n } as const;

/** How long the set of general registers is, by the architecture that we run on: of these we read it. */
export const REGISTER_SET_BYTES: Partial<Record<NodeJS.Architecture, number>> = {
  [REGISTERS.architecture]: REGISTERS.sizeBytes,
  arm64: PT_REGISTERS.sizeBytes,
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

/**
 * Tells what a stopped thread of aarch64 does by its registers: one that was in a system call was led back to the instruction that
 * makes it, to begin it anew, before we see it (arch/arm64/kernel/signal.c, `do_signal`).
 * @param instructionAt reads the instruction at an address; `undefined` where nothing is
 */
export function syscallOfPtRegisters(
  set: StructView,
  instructionAt: (address: bigint) => number | undefined,
): SyscallState {
  const stackPointer = set.u64(PT_REGISTERS.stackPointer);
  const instructionPointer = set.u64(PT_REGISTERS.instructionPointer);
  if (instructionAt(instructionPointer) !== SUPERVISOR_CALL.code)
    return { kind: 'outside', stackPointer, instructionPointer };
  return {
    kind: 'inside',
    number: Number(set.u64(PT_REGISTERS.number)),
    args: PT_REGISTERS.args.map((offset) => set.u64(offset)),
    stackPointer,
    // As the kernel tells it of a thread that is in the call.
    instructionPointer: instructionPointer + SUPERVISOR_CALL.sizeBytes,
  };
}
