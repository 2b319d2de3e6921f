import type { Address, AddressRange } from '../../base/address.ts';
import type { BlockedCall } from '../../platform/proc/syscall.ts';
import type { Continuation } from './blocked-calls.ts';
import type { CodePatterns } from './code-search.ts';

/** Where the code lies that a borrowed thread runs through. */
export interface CallChain {
  readonly ensureGil: Address;
  readonly runSimpleString: Address;
  readonly releaseGil: Address;
  /** Instructions that make the system call rt_sigreturn(2). */
  readonly signalReturn: Address;
  /** Instructions that take an argument from the stack, somewhere in code that is there anyway; `undefined` where none are needed. */
  readonly popArgument: Address | undefined;
}

/** A thread as it stands in the system call that it sleeps in. */
export interface BorrowedThread {
  /** The general registers, as PTRACE_GETREGSET gives them for NT_PRSTATUS. */
  readonly registers: Uint8Array;
  /** The others, as the architecture has them: see `readExtendedState` of a held thread. */
  readonly extendedState: Uint8Array;
  readonly signalMask: bigint;
  /** The call that it was seen in. */
  readonly call: BlockedCall;
  readonly continuation: Continuation;
}

/** A call that a thread makes as if a signal handler did, and from which the kernel leads it back. */
export interface CallFrame {
  /** What is to be written below the thread's stack, and where. */
  readonly address: Address;
  readonly bytes: Uint8Array;
  /** With these registers the thread begins the call. */
  readonly registers: Uint8Array;
  readonly textAddress: Address;
  /** A part of it that stays as it is until PyGILState_Ensure() has returned, and no longer. */
  readonly witness: AddressRange;
}

/** How threads of an architecture are led through calls. */
export interface CallFrames {
  /** Instructions by which signal handlers return. */
  readonly signalReturn: CodePatterns;
  /** Instructions that take an argument from the stack; `undefined` where none are needed. */
  readonly popArgument: CodePatterns | undefined;
  /** The instruction that makes a system call. */
  readonly systemCall: Uint8Array;
  /**
   * Builds what a thread needs to call PyGILState_Ensure(), PyRun_SimpleString(text) and PyGILState_Release() and to be then
   * as it was. It is what the kernel itself builds before it runs a signal handler: the last call returns into
   * rt_sigreturn(2), by which the kernel restores all registers at once. Nothing of it needs us any more once the
   * thread has begun.
   * @returns `undefined` when the processor holds something for the thread that this would not restore
   */
  build(thread: BorrowedThread, chain: CallChain, text: string): CallFrame | undefined;
}

/**
 * No mode that sigaltstack(2) knows, so that it answers EINVAL, which rt_sigreturn(2) does not mind
 * (kernel/signal.c, `restore_altstack`): the alternate stack of the thread, which nobody tells us, stays as it is.
 */
export const NO_STACK_MODE = 4;

/** What PyGILState_Ensure() answers a thread that has a Python state and does not hold the GIL. */
export const PYGILSTATE_UNLOCKED = 1;

/** `sizeof(siginfo_t)`, which signal frames begin with (include/uapi/asm-generic/siginfo.h). */
export const SIGINFO_BYTES = 128;

/** The text as PyRun_SimpleString() takes it. */
export function stringOf(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'latin1');
}

/** The next address at or below another that is a multiple. */
export function alignDown(address: number, alignment: number): number {
  return address - (address % alignment);
}
