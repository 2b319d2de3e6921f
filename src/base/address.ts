declare const addressBrand: unique symbol;

/**
 * A place in the target's memory. A plain number below 2^53: user space ends at 2^48, and numbers are
 * 13 times faster to read than bigint (docs/decisions/0001-addresses-as-numbers.md).
 */
export type Address = number & { readonly [addressBrand]: true };

/** A stretch of the target's memory, from `address` on. */
export interface AddressRange {
  readonly address: Address;
  readonly sizeBytes: number;
}

/** The bytes of a pointer: all processes that are read have 64 bits. */
export const WORD_BYTES = 8;

/**
 * Behind the last address of a process: on aarch64, and half of that on x86-64. Only who asks mmap(2) for an address beyond
 * gets one where processors have more bits.
 */
export const END_OF_USER_SPACE = 2 ** 48;

/** The first byte of the word that a byte is in. */
export function wordStart(address: number): number {
  return address - (address % WORD_BYTES);
}

/** Tells whether a number can be an address: whole, not negative, and below 2^53. */
export function isAddress(value: number): value is Address {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * Brands a number that is known to be an address.
 * @throws {RangeError} for a number that cannot be one; that is a bug of ours, never a torn pointer
 */
export function toAddress(value: number): Address {
  if (!isAddress(value))
    throw new RangeError(`Cannot use ${value} as an address: not a whole number below 2^53`);
  return value;
}

/** Joins the two halves of a 64-bit pointer; `undefined` when it lies above 2^53, which no user address does. */
export function addressFromHalves(low: number, high: number): Address | undefined {
  const value = high * 0x1_0000_0000 + low;
  return isAddress(value) ? value : undefined;
}

/**
 * Moves an address by a number of bytes, which may be negative. Torn pointers lead beyond all addresses: that is the
 * first or the last address then, at which no process has anything, so that reading there fails as it should.
 */
export function offsetBy(address: Address, bytes: number): Address {
  const moved = address + bytes;
  if (isAddress(moved)) return moved;
  if (Number.isNaN(moved)) throw new RangeError(`Cannot move an address by ${bytes} bytes`);
  return toAddress(moved < 0 ? 0 : Number.MAX_SAFE_INTEGER);
}

/** Formats an address or another whole number as C does: `0x7f00deadbeef`. */
export function hex(value: number | bigint): string {
  return value < 0 ? `-0x${value.toString(16).slice(1)}` : `0x${value.toString(16)}`;
}
