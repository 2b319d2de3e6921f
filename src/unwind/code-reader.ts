import type { Address } from '../base/address.ts';

/** Reads code, and the words that code refers to; what is not there is no error. */
export interface CodeReader {
  /** The bytes from an address on, or fewer; none where nothing is. */
  code(address: Address, sizeBytes: number): Uint8Array;
  /** `undefined` when nothing is there. */
  find(address: Address): bigint | undefined;
}

/**
 * Finds the function that a call has called, by its return address: what follows the call instruction. `undefined` for
 * what is no call, and for a call of what only a register said.
 */
export type CalledFunction = (reader: CodeReader, returnAddress: Address) => Address | undefined;

/** Tells how many bytes below its return address a function has saved registers, from how it begins. */
export type SavedAtEntry = (code: Uint8Array) => ReadonlyMap<number, number>;

/** Tells how many bytes of the stack a function reserves, from how it begins; what it pushes does not count. */
export type ReservedAtEntry = (code: Uint8Array) => number;

/** Tells from the bytes before a return address, 24 or fewer, whether a thread or the program begins with that call. */
export type BeginsThread = (before: Uint8Array) => boolean;
