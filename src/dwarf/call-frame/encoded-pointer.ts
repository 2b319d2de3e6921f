import { hex, isAddress } from '../../base/address.ts';
import type { ByteCursor } from '../../base/byte-cursor.ts';

/** DW_EH_PE_omit: there is no pointer. */
export const OMITTED = 0xff;

/** DW_EH_PE_absptr: the pointer as it is. */
export const ABSOLUTE = 0;

const INDIRECT = 0x80;
const POINTER_BYTES = 8;

/** What relative pointers are relative to: addresses of the file's own, `undefined` where the file has no such thing. */
export interface PointerBases {
  /** Address of offset 0 of the cursor. */
  readonly cursor: number;
  /** Of `.text`. */
  readonly text: number | undefined;
  /** Of `.eh_frame_hdr` in that section, else of the global offset table. */
  readonly data: number | undefined;
}

// The low four bits of an encoding (LSB 5.0 Core, 10.5.1). 64-bit values are read as signed: sums wrap as in C.
const FORMATS: Readonly<Record<number, (cursor: ByteCursor) => number>> = {
  0: (cursor) => Number(cursor.i64()), // absptr
  1: (cursor) => cursor.uleb128(),
  2: (cursor) => cursor.u16(),
  3: (cursor) => cursor.u32(),
  4: (cursor) => Number(cursor.i64()), // udata8
  8: (cursor) => Number(cursor.i64()), // signed
  9: (cursor) => cursor.sleb128(),
  10: (cursor) => cursor.i16(),
  11: (cursor) => cursor.i32(),
  12: (cursor) => Number(cursor.i64()), // sdata8
};

const SIZES: Readonly<Record<number, number>> = { 0: 8, 2: 2, 3: 4, 4: 8, 8: 8, 10: 2, 11: 4, 12: 8 };

/** Bytes that every pointer of an encoding takes; `undefined` when they vary. */
export function encodedSizeOf(encoding: number): number | undefined {
  return isAligned(encoding) ? undefined : SIZES[encoding & 0x0f];
}

/**
 * Reads a pointer of an encoding DW_EH_PE_… to an address of the file's own.
 * @throws {MalformedInputError} when the encoding is unknown, needs the target's memory, or leads outside all addresses
 */
export function readEncodedPointer(cursor: ByteCursor, encoding: number, bases: PointerBases): number {
  const start = cursor.offset;
  const value = readEncodedNumber(cursor, encoding, bases);
  const end = cursor.offset;
  cursor.seek(start);
  if ((encoding & INDIRECT) !== 0)
    throw cursor.fail(`pointer encoding ${hex(encoding)} leads through the target's memory`);
  const base = baseOf(encoding, bases, start);
  if (base === undefined)
    throw cursor.fail(`pointer encoding ${hex(encoding)} has nothing to be relative to`);
  const address = base + value;
  if (!isAddress(address)) throw cursor.fail(`pointer ${address} is outside all addresses`);
  cursor.seek(end);
  return address;
}

/**
 * Reads the number that an encoded pointer consists of, relative to nothing: a size, or a pointer that is passed over.
 * @throws {MalformedInputError} when the encoding is unknown
 */
export function readEncodedNumber(
  cursor: ByteCursor,
  encoding: number,
  bases: Pick<PointerBases, 'cursor'>,
): number {
  if (isAligned(encoding)) {
    const address = bases.cursor + cursor.offset;
    cursor.skip((POINTER_BYTES - (address % POINTER_BYTES)) % POINTER_BYTES);
  }
  const read = FORMATS[encoding & 0x0f];
  if (read === undefined) throw cursor.fail(`pointer encoding ${hex(encoding)} is unknown`);
  return read(cursor);
}

/** DW_EH_PE_aligned: an absolute pointer at the next address that is a multiple of its size. */
function isAligned(encoding: number): boolean {
  return (encoding & 0x70) === 0x50;
}

function baseOf(encoding: number, bases: PointerBases, offset: number): number | undefined {
  switch (encoding & 0x70) {
    case 0x00:
    case 0x50:
      return 0;
    case 0x10:
      return bases.cursor + offset;
    case 0x20:
      return bases.text;
    case 0x30:
      return bases.data;
    default:
      return undefined;
  }
}
