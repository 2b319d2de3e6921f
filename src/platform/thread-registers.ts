import type { SyscallState } from './proc/syscall.ts';
import { readThreadSyscall } from './thread-files.ts';

/** Where a thread stands. */
export interface ThreadRegisters {
  readonly stackPointer: bigint;
  readonly instructionPointer: bigint;
  /** Where the C library keeps what belongs to the thread: mostly at the top of its stack; `undefined` where unknown. */
  readonly threadPointer: bigint | undefined;
  /** All general registers as NT_PRSTATUS has them; `undefined` where the kernel does not tell. */
  readonly all: Uint8Array | undefined;
}

/** What is known of the registers of a thread that was stopped. */
export interface StoppedRegisters {
  readonly threadPointer: bigint | undefined;
  readonly registers: Uint8Array | undefined;
}

/** The registers of a thread by what it does; `undefined` for one that runs. Of one that was not stopped /proc tells two. */
export function threadRegistersOf(
  syscall: SyscallState | undefined,
  stopped?: StoppedRegisters,
): ThreadRegisters | undefined {
  if (syscall === undefined || syscall.kind === 'running') return undefined;
  const { stackPointer, instructionPointer } = syscall;
  const { threadPointer, registers } = stopped ?? {};
  return { stackPointer, instructionPointer, threadPointer, all: registers };
}

/** Reads the two registers that the kernel tells of a thread which sleeps; `undefined` for one that runs, or is gone. */
export function readSleepingRegisters(pid: number, threadId: number): ThreadRegisters | undefined {
  return threadRegistersOf(readThreadSyscall(pid, threadId));
}
