import type { ElfMachine } from '../elf/elf-header.ts';
import { AARCH64 } from './arch/aarch64.ts';
import { X86_64 } from './arch/x86-64.ts';
import type { BeginsThread, CalledFunction, ReservedAtEntry, SavedAtEntry } from './code-reader.ts';
import type { CodeStep, PathsToReturn } from './code-step.ts';

/** One register of 64 bits that unwinding knows. */
export interface RegisterDescription {
  readonly name: string;
  /** What DWARF calls it. */
  readonly number: number;
  /** A function that uses it puts it back before it returns. */
  readonly isCalleeSaved: boolean;
  /** Offset in the register set NT_PRSTATUS of ptrace(2) and of core files: `struct user_regs_struct`, `user_pt_regs`. */
  readonly setOffset: number;
  /** Distance from the stack pointer of a signal trampoline to where the kernel saved the register. */
  readonly signalFrameOffset: number;
}

/** What the walker has to know of a processor; registers are named by their DWARF numbers. */
export interface Architecture {
  readonly name: 'x86-64' | 'aarch64';
  readonly registers: readonly RegisterDescription[];
  /** Where execution goes on. On x86-64 it is DWARF's return address column, which has no other register. */
  readonly pc: number;
  readonly stackPointer: number;
  readonly framePointer: number;
  /** The register that a call puts the return address into; `undefined` where it goes to the stack. */
  readonly linkRegister: number | undefined;
  /** Bits of a return address that are an address; a signature lies in the others. */
  readonly addressMask: bigint;
  /** The instructions of a signal trampoline: set the number of rt_sigreturn(2), make the system call. */
  readonly trampolines: readonly (readonly number[])[];
  /** How long the last of them is. */
  readonly systemCallBytes: number;
  /** Tells from the instructions around a place where its return address is; for code without unwind rules. */
  readonly stepByCode: CodeStep;
  /** Left out where instructions are not followed, since the return address is mostly in a register. */
  readonly pathsToReturn?: PathsToReturn;
  /** Whether the bytes before a return address end in a call; they are 8 or fewer. */
  readonly endsInCall: (before: Uint8Array) => boolean;
  /** Left out where the calls of an instruction set are not searched for, since the return address is in a register. */
  readonly calledFunction?: CalledFunction;
  readonly savedAtEntry?: SavedAtEntry;
  readonly reservedAtEntry?: ReservedAtEntry;
  readonly beginsThread?: BeginsThread;
}

/** The architecture of a program; `undefined` for one that we cannot unwind. */
export function architectureOf(machine: ElfMachine): Architecture | undefined {
  return [X86_64, AARCH64].find(({ name }) => name === machine);
}
