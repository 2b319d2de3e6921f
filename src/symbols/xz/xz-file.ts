import { ByteCursor } from '../../base/byte-cursor.ts';
import { decompressLzma2 } from './lzma2.ts';
import type { XzCheck } from './xz-check.ts';
import { readBlockHeader, readStreamHeader } from './xz-header.ts';

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
  const check = readStreamHeader(cursor);
  const blocks: Uint8Array[] = [];
  let left = maxSizeBytes;
  for (let sizeByte = cursor.u8(); sizeByte !== 0; sizeByte = cursor.u8()) {
    const block = readBlock(cursor, { sizeByte, check, maxSizeBytes: left });
    blocks.push(block);
    left -= block.length;
  }
  const [first] = blocks;
  return blocks.length === 1 && first !== undefined ? first : Buffer.concat(blocks);
}

interface BlockLimits {
  /** The first byte of its header. */
  readonly sizeByte: number;
  readonly check: XzCheck;
  readonly maxSizeBytes: number;
}

/** Reads a block, of which the first byte has been read. */
function readBlock(cursor: ByteCursor, { sizeByte, check, maxSizeBytes }: BlockLimits): Uint8Array {
  readBlockHeader(cursor, sizeByte);
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
