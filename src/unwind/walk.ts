import { type Address, isAddress } from '../base/address.ts';
import type { CallFrames } from '../dwarf/call-frame/call-frames.ts';
import type { Architecture } from './architecture.ts';
import type { CodeStepResult } from './code-step.ts';
import type { MemoryWords } from './memory-words.ts';
import { addressOf, type FrameRegisters, type RegisterSlot } from './registers.ts';
import type { UnwindMethod } from './unwound-stack.ts';

/** A file that is mapped into the target, as far as unwinding needs it. */
export interface UnwindModule {
  /** What is added to an address of the file to get the address in memory. */
  readonly bias: number;
  /** `undefined` when the file cannot be had. */
  readonly callFrames: Pick<CallFrames, 'rowAt'> | undefined;
}

/** Which file's code lies where. */
export interface UnwindModules {
  /** The module whose executable mapping holds an address. */
  moduleAt(address: Address): UnwindModule | undefined;
}

/** What every step of one walk uses. */
export interface Walk {
  readonly architecture: Architecture;
  readonly words: MemoryWords;
  readonly modules: UnwindModules;
  /** Bits of a return address that are an address; a signature lies in the others. */
  readonly addressMask: bigint;
  /** How code without rules was left, by place. */
  readonly knownPaths: Map<Address, CodeStepResult>;
  /** How often instructions were followed to find that. */
  pathSearches: number;
}

/** The frame that a step starts from. */
export interface WalkFrame {
  readonly pc: Address;
  readonly stackPointer: Address;
  readonly registers: FrameRegisters;
  readonly isActivation: boolean;
}

/** What a step found: the caller's registers, of which the return address may still carry a signature. */
export interface Caller {
  readonly kind: 'caller';
  readonly method: UnwindMethod;
  readonly cfa: Address;
  /** Its registers, without the program counter. Where the stack pointer is not known, it is taken for the CFA. */
  readonly slots: readonly RegisterSlot[];
  readonly returnAddress: bigint;
  /** The caller was interrupted, it called nothing. */
  readonly isInterrupted: boolean;
}

/**
 * Tells whether a value can be a return address: it points into the code of a module, or behind a call in memory that
 * no file explains, such as code made at run time.
 */
export function isReturnAddress(walk: Walk, value: bigint): boolean {
  const address = addressOf(value & walk.addressMask);
  if (address === undefined || address === 0) return false;
  return walk.modules.moduleAt(address) !== undefined || followsCall(walk, address) === true;
}

const LONGEST_CALL_BYTES = 8;

/** Tells whether the instruction before an address is a call; `undefined` when that cannot be read. */
export function followsCall({ architecture, words }: Walk, address: Address): boolean | undefined {
  const start = address - LONGEST_CALL_BYTES;
  if (!isAddress(start)) return undefined;
  const before = words.code(start, LONGEST_CALL_BYTES);
  return before.length < LONGEST_CALL_BYTES ? undefined : architecture.endsInCall(before);
}

/** Tells whether a word is what a call or the kernel puts there: it leads behind a call, or to a signal trampoline. */
export function hasCalled(walk: Walk, value: bigint): boolean {
  const address = addressOf(value & walk.addressMask);
  if (address === undefined || walk.modules.moduleAt(address) === undefined) return false;
  if (followsCall(walk, address) === true) return true;
  return walk.architecture.trampolines.some((instructions) => isCodeAt(walk, address, instructions));
}

/** Tells whether these instructions lie at an address. */
export function isCodeAt({ words }: Walk, address: Address, instructions: readonly number[]): boolean {
  const code = words.code(address, instructions.length);
  return code.length === instructions.length && instructions.every((byte, index) => code[index] === byte);
}

const THREAD_START_BYTES = 24;

/** Tells whether the call that an address follows is what a thread or the program begins with. */
export function beginsThread({ architecture, words }: Walk, address: Address): boolean {
  const start = address - THREAD_START_BYTES;
  return isAddress(start) && (architecture.beginsThread?.(words.code(start, THREAD_START_BYTES)) ?? false);
}
