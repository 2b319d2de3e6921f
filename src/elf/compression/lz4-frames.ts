import type { ByteCursor } from '../../base/byte-cursor.ts';
import type { ByteSource } from '../../base/ports.ts';
import { SequentialSource } from '../../base/sequential-source.ts';
import { decompressFrames } from './following-frames.ts';

/** The bytes that an LZ4 frame begins with, as a number. */
export const LZ4_MAGIC = 0x184d_2204;

// Bits of FLG, and of BD (lz4_Frame_format.md, "Frame Descriptor").
const VERSION_BITS = 0xc0;
const VERSION_1 = 0x40;
const HAS_BLOCK_CHECKSUMS = 0x10;
const HAS_CONTENT_SIZE = 0x08;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_DICTIONARY = 0x01;
const IS_STORED = 0x8000_0000;

/** By the three bits of BD. */
const BLOCK_BYTES: readonly (number | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  64 << 10,
  256 << 10,
  1 << 20,
  4 << 20,
];

/** As far back as a match may reach. */
const HISTORY_BYTES = 64 << 10;
const SHORTEST_MATCH = 4;

/**
 * Decompresses LZ4 frames that follow each other, block by block, in the memory of one block. What is given stays valid
 * until the next is asked for. Checksums are not compared.
 * @throws {MalformedInputError} for what is no LZ4 frame, needs a dictionary or is cut off; all blocks before were given
 */
export function decompressLz4(source: ByteSource): Generator<Uint8Array> {
  const format = { name: 'an LZ4', magic: LZ4_MAGIC, decompress: decompressFrame };
  return decompressFrames(new SequentialSource(source), format);
}

function* decompressFrame(input: SequentialSource): Generator<Uint8Array> {
  const descriptor = input.cursor(2);
  const flags = descriptor.u8();
  const blockBytes = BLOCK_BYTES[(descriptor.u8() >> 4) & 7];
  if ((flags & VERSION_BITS) !== VERSION_1 || blockBytes === undefined)
    throw input.fail('LZ4 frame is unknown');
  if ((flags & HAS_DICTIONARY) !== 0) throw input.fail('LZ4 frame needs a dictionary');
  // The size, which is not needed, and the checksum of the descriptor.
  input.bytes((flags & HAS_CONTENT_SIZE) === 0 ? 1 : 9);
  const block = new Lz4Block(blockBytes);
  for (let size = input.cursor(4).u32(); size !== 0; size = input.cursor(4).u32()) {
    const packedBytes = size % IS_STORED;
    if (packedBytes > blockBytes) throw input.fail(`LZ4 block has ${packedBytes} bytes, above ${blockBytes}`);
    const packed = input.cursor(packedBytes);
    if (size >= IS_STORED) block.copy(packed.bytes(packedBytes));
    else block.decompress(packed);
    if ((flags & HAS_BLOCK_CHECKSUMS) !== 0) input.bytes(4);
    yield block.bytes;
  }
  if ((flags & HAS_CONTENT_CHECKSUM) !== 0) input.bytes(4);
}

/** The block that is decompressed, behind the end of those before, which its matches may reach back into. */
class Lz4Block {
  readonly #blockBytes: number;
  readonly #buffer: Uint8Array;
  #start = 0;
  #end = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
    this.#buffer = new Uint8Array(HISTORY_BYTES + blockBytes);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  copy(bytes: Uint8Array): void {
    this.#begin();
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Decompresses sequences of literals and matches (lz4_Block_format.md). */
  decompress(packed: ByteCursor): void {
    this.#begin();
    for (;;) {
      const token = packed.u8();
      this.#append(packed, lengthFrom(packed, token >> 4));
      // The last sequence ends with its literals.
      if (packed.atEnd) return;
      const distance = packed.u16();
      const length = lengthFrom(packed, token & 15) + SHORTEST_MATCH;
      this.#repeat(packed, distance, length);
    }
  }

  /** Keeps what the next block may reach back into. */
  #begin(): void {
    const kept = Math.min(HISTORY_BYTES, this.#end);
    this.#buffer.copyWithin(0, this.#end - kept, this.#end);
    this.#start = kept;
    this.#end = kept;
  }

  #append(packed: ByteCursor, length: number): void {
    if (length > this.#start + this.#blockBytes - this.#end)
      throw packed.fail('LZ4 block is larger than it may be');
    this.#buffer.set(packed.bytes(length), this.#end);
    this.#end += length;
  }

  #repeat(packed: ByteCursor, distance: number, length: number): void {
    if (distance === 0 || distance > this.#end) throw packed.fail('LZ4 match begins before its history');
    if (length > this.#start + this.#blockBytes - this.#end)
      throw packed.fail('LZ4 block is larger than it may be');
    // A match may overlap what it makes: it repeats itself then, twice as much each time.
    for (let left = length; left > 0; ) {
      const from = this.#end - distance;
      const count = Math.min(left, distance);
      this.#buffer.copyWithin(this.#end, from, from + count);
      this.#end += count;
      left -= count;
    }
  }
}

/** 15 says that more follows, 255 that still more does. */
function lengthFrom(packed: ByteCursor, low: number): number {
  if (low < 15) return low;
  let length = low;
  for (;;) {
    const byte = packed.u8();
    length += byte;
    if (byte < 255) return length;
  }
}
