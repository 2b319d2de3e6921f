import { ByteCursor } from '../../base/byte-cursor.ts';
import { crc32 } from '../../base/crc32.ts';
import { decompressLzma2 } from './lzma2.ts';
import { XZ_CHECKS, type XzCheck } from './xz-check.ts';

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] as const;
const FILTER_LZMA2 = 0x21;

/** Bits of the flags of a block (The .xz File Format, 3.1.2). */
const FILTER_COUNT_BITS = 0x03;
const RESERVED_BITS = 0x3c;
const HAS_PACKED_SIZE = 0x40;
const HAS_SIZE = 0x80;

/** What to decompress, and how much at most. */
export interface XzLimits {
  /** What to call the bytes in a message. */
  readonly name: string;
  readonly maxSizeBytes: number;
}

/**
 * Decompresses one xz stream (The .xz File Format, version 1.1.0) whose only filter is LZMA2. The index behind the
 * blocks repeats their sizes and is not read; every block is held against its check.
 * @throws {MalformedInputError} for anything else, and for what is larger than it may be
 */
export function decompressXz(bytes: Uint8Array, { name, maxSizeBytes }: XzLimits): Uint8Array {
  const cursor = new ByteCursor(bytes, name);
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) throw cursor.fail('not compressed with xz');
  cursor.skip(MAGIC.length);
  const flags = cursor.bytes(2);
  const check = flags[0] === 0 ? XZ_CHECKS[flags[1] ?? 0] : undefined;
  if (check === undefined) throw cursor.fail('flags of the xz stream are unknown');
  if (cursor.u32() !== crc32(flags)) throw cursor.fail('header of the xz stream does not have its checksum');

  const blocks: Uint8Array[] = [];
  let left = maxSizeBytes;
  for (let sizeByte = cursor.u8(); sizeByte !== 0; sizeByte = cursor.u8()) {
    const block = readBlock(cursor, { headerBytes: (sizeByte + 1) * 4, check, maxSizeBytes: left });
    blocks.push(block);
    left -= block.length;
  }
  const [first] = blocks;
  return blocks.length === 1 && first !== undefined ? first : Buffer.concat(blocks);
}

interface BlockLimits {
  readonly headerBytes: number;
  readonly check: XzCheck;
  readonly maxSizeBytes: number;
}

/** Reads a block, of which the first byte has been read. */
function readBlock(cursor: ByteCursor, { headerBytes, check, maxSizeBytes }: BlockLimits): Uint8Array {
  const start = cursor.offset - 1;
  readBlockHeader(cursor, start + headerBytes - 4);
  const dataAt = cursor.offset;
  const block = decompressLzma2(cursor, maxSizeBytes);
  cursor.skip((4 - ((cursor.offset - dataAt) % 4)) % 4);
  const expected = cursor.bytes(check.sizeBytes);
  const sum = check.begin();
  sum.add(block);
  if (Buffer.compare(sum.finish(), expected) !== 0)
    throw cursor.fail(`xz block does not have its ${check.name}`);
  return block;
}

/** @param checksumAt where the header of the block ends but for its checksum */
function readBlockHeader(cursor: ByteCursor, checksumAt: number): void {
  const start = cursor.offset - 1;
  cursor.seek(start);
  const header = cursor.bytes(checksumAt - start);
  if (cursor.u32() !== crc32(header)) throw cursor.fail('header of the xz block does not have its checksum');
  cursor.seek(start + 1);
  const flags = cursor.u8();
  if ((flags & (FILTER_COUNT_BITS | RESERVED_BITS)) !== 0) {
    throw cursor.fail('xz block has other filters than LZMA2');
  }
  if ((flags & HAS_PACKED_SIZE) !== 0) cursor.uleb128();
  if ((flags & HAS_SIZE) !== 0) cursor.uleb128();
  const filter = cursor.uleb128();
  if (filter !== FILTER_LZMA2) throw cursor.fail(`xz block has filter ${filter}, which is not LZMA2`);
  cursor.seek(checksumAt + 4);
}
