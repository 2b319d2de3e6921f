import { MalformedInputError } from '../../base/errors.ts';

/** What a thread does as /proc/PID/task/TID/syscall tells it. Registers are bigint: they hold any 64 bits. */
export type SyscallState =
  | { readonly kind: 'running' }
  /** Blocked or stopped outside a system call, as in a page fault or a signal. */
  | { readonly kind: 'outside'; readonly stackPointer: bigint; readonly instructionPointer: bigint }
  | {
      readonly kind: 'inside';
      readonly number: number;
      /** The six argument registers. */
      readonly args: readonly bigint[];
      readonly stackPointer: bigint;
      readonly instructionPointer: bigint;
    };

/** A system call that a thread is in. */
export type BlockedCall = Extract<SyscallState, { readonly kind: 'inside' }>;

/**
 * Parses a syscall file (fs/proc/base.c, `proc_pid_syscall`).
 * @throws {MalformedInputError} for text of another form
 */
// running
// -1 0x7ffd1b5e1a38 0x55d0a3e4d123
// 202 0x55d0a4c0f9a8 0x189 0x0 0x0 0x0 0xffffffff 0x7ffd1b5e1a38 0x7f1c2b3f1197
export function parseSyscall(text: string): SyscallState {
  const words = text.trimEnd().split(' ');
  if (words[0] === 'running') return { kind: 'running' };
  const number = Number(words[0]);
  const registers = words
    .slice(1)
    .map(toRegister)
    .filter((register) => register !== undefined);
  const instructionPointer = registers.at(-1);
  const stackPointer = registers.at(-2);
  const isWhole = registers.length === (number < 0 ? 2 : 8);
  if (
    !isWhole ||
    !Number.isInteger(number) ||
    stackPointer === undefined ||
    instructionPointer === undefined
  ) {
    throw new MalformedInputError('/proc/PID/syscall', 0, 'line is not the state of a thread');
  }
  if (number < 0) return { kind: 'outside', stackPointer, instructionPointer };
  return { kind: 'inside', number, args: registers.slice(0, 6), stackPointer, instructionPointer };
}

function toRegister(word: string): bigint | undefined {
  return /^0x[0-9a-f]+$/u.test(word) ? BigInt(word) : undefined;
}
