import type { Address } from '../base/address.ts';
import type { CodeReader } from './code-reader.ts';

/**
 * Where a function without unwind rules keeps what its caller needs, as its instructions tell.
 * Offsets are distances in bytes from the stack pointer, or from the frame pointer where `base` says so.
 */
export interface CodeStepResult {
  readonly base: 'stack-pointer' | 'frame-pointer';
  /** Where the return address lies; `'link-register'` when it is still there. */
  readonly returnAddress: number | 'link-register';
  /** The stack pointer after the return. */
  readonly stackPointer: number;
  /** Where registers lie that the rest of the function restores, by DWARF number. */
  readonly saved: ReadonlyMap<number, number>;
}

/** What of the code around a place can be read. */
export interface CodeAround {
  /** From the place on; 32 bytes at most. */
  readonly after: Uint8Array;
  /** The bytes before the place, of which the last is next to it; 8 at most. */
  readonly before: Uint8Array;
  /** The thread stands here, so that this may also be the beginning of a function. */
  readonly isActivation: boolean;
}

/** Reads the instructions from a place on: an epilogue or a prologue says where the return address is. */
export type CodeStep = (code: CodeAround) => CodeStepResult | undefined;

/** Follows the instructions from a place on to where they return: each answer is a way that may be taken. */
export type PathsToReturn = (reader: CodeReader, start: Address) => Iterable<CodeStepResult>;
