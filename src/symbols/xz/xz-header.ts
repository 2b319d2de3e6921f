import { ByteCursor } from '../../base/byte-cursor.ts';
import { crc32 } from '../../base/crc32.ts';
import type { MalformedInputError } from '../../base/errors.ts';
import { XZ_CHECKS, type XzCheck } from './xz-check.ts';

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] as const;
const FILTER_LZMA2 = 0x21;

/** Bits of the flags of a block (The .xz File Format, 3.1.2). */
const OTHER_FILTERS = 0x3f;
const HAS_PACKED_SIZE = 0x40;
const HAS_SIZE = 0x80;

/** What headers are read from: all bytes, or those of a source one after the other. */
export interface XzInput {
  bytes(sizeBytes: number): Uint8Array;
  fail(state: string): MalformedInputError;
}

/** Reads the header of a stream, and tells how its blocks are checked. */
export function readStreamHeader(input: XzInput): XzCheck {
  const magic = input.bytes(MAGIC.length);
  if (!MAGIC.every((byte, index) => magic[index] === byte)) throw input.fail('not compressed with xz');
  const flags = input.bytes(2).slice();
  const check = flags[0] === 0 ? XZ_CHECKS[flags[1] ?? 0] : undefined;
  if (check === undefined) throw input.fail('flags of the xz stream are unknown');
  if (readSum(input) !== crc32(flags)) throw input.fail('header of the xz stream does not have its checksum');
  return check;
}

/** Reads the header of a block, whose first byte has been read, and tells how large its dictionary is. */
export function readBlockHeader(input: XzInput, size: number): number {
  const rest = input.bytes((size + 1) * 4 - 5).slice();
  if (readSum(input) !== crc32(Uint8Array.from([size, ...rest])))
    throw input.fail('header of the xz block does not have its checksum');
  const header = new ByteCursor(rest, 'header of an xz block');
  const flags = header.u8();
  if ((flags & OTHER_FILTERS) !== 0) throw input.fail('xz block has other filters than LZMA2');
  if ((flags & HAS_PACKED_SIZE) !== 0) header.uleb128();
  if ((flags & HAS_SIZE) !== 0) header.uleb128();
  const filter = header.uleb128();
  if (filter !== FILTER_LZMA2 || header.uleb128() !== 1)
    throw input.fail(`xz block has filter ${filter}, which is not LZMA2`);
  const bits = header.u8();
  // One bit and a half: 2 or 3, shifted (The .xz File Format, 5.3.1).
  return (2 + (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
}

function readSum(input: XzInput): number {
  return new ByteCursor(input.bytes(4), 'checksum of an xz header').u32();
}
