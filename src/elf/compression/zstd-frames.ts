import { Decompress } from 'fzstd';
import type { ByteSource } from '../../base/ports.ts';
import { SequentialSource } from '../../base/sequential-source.ts';
import { decompressFrames } from './following-frames.ts';

/** The bytes that a zstd frame begins with, as a number. */
export const ZSTD_MAGIC = 0xfd2f_b528;

// Bits of the frame header descriptor (RFC 8878, 3.1.1.1.1).
const SINGLE_SEGMENT = 0x20;
const HAS_CHECKSUM = 0x04;
const DICTIONARY_BITS = 0x03;

/** Sizes of `Frame_Content_Size` and `Dictionary_ID` by the bits that say so. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

const BLOCK_HEADER_BYTES = 3;
const RUN_LENGTH_BLOCK = 1;

/** What zstd itself takes unless it is told otherwise (`ZSTD_WINDOWLOG_LIMIT_DEFAULT`). */
const MAX_WINDOW_BYTES = 2 ** 27;

const SMALLEST_WINDOW_BYTES = 1024;

/**
 * Decompresses zstd frames that follow each other, block by block, in the memory of one window. Checksums are not
 * compared.
 * @throws {MalformedInputError} for what is no zstd, needs a dictionary or too large a window, or is cut off; all blocks
 *   before were given
 */
export function decompressZstdFrames(source: ByteSource): Generator<Uint8Array> {
  const format = { name: 'a zstd', magic: ZSTD_MAGIC, decompress: decompressFrame };
  return decompressFrames(new SequentialSource(source), format);
}

/** Hands a frame to fzstd block by block: so it never holds more than one, and the end of the frame is known. */
function* decompressFrame(input: SequentialSource): Generator<Uint8Array> {
  const { bytes, hasChecksum } = readFrameHeader(input);
  const made: Uint8Array[] = [];
  const decompressor = new Decompress((piece) => made.push(piece));
  const push = (piece: Uint8Array, isEnd = false): void => {
    try {
      // It keeps what it is given until it has a whole block, or the end of a frame that is very short.
      decompressor.push(Uint8Array.from(piece), isEnd);
    } catch (error) {
      throw input.fail('zstd block is damaged', { cause: error });
    }
  };
  push(bytes);
  for (let isLast = false; !isLast; ) {
    const header = input.bytes(BLOCK_HEADER_BYTES).slice();
    const [low = 0, middle = 0, high = 0] = header;
    isLast = (low & 1) === 1;
    const sizeBytes = (low >> 3) | (middle << 5) | (high << 13);
    push(header);
    push(input.bytes(((low >> 1) & 3) === RUN_LENGTH_BLOCK ? 1 : sizeBytes));
    yield* made.splice(0);
  }
  push(input.bytes(hasChecksum ? 4 : 0), true);
  yield* made.splice(0);
}

interface FrameHeader {
  /** With the magic number. */
  readonly bytes: Uint8Array;
  readonly hasChecksum: boolean;
}

function readFrameHeader(input: SequentialSource): FrameHeader {
  const flags = input.cursor(1).u8();
  const isSingleSegment = (flags & SINGLE_SEGMENT) !== 0;
  const contentSizeBytes = CONTENT_SIZE_BYTES[flags >> 6] || Number(isSingleSegment);
  const windowDescriptor = isSingleSegment ? [] : [...input.bytes(1)];
  const dictionary = input.bytes(DICTIONARY_BYTES[flags & DICTIONARY_BITS] ?? 0).slice();
  if (dictionary.some((byte) => byte !== 0)) throw input.fail('zstd frame needs a dictionary');
  const contentSize = input.bytes(contentSizeBytes).slice();
  const windowBytes = isSingleSegment
    ? littleEndian(contentSize) + 256
    : windowBytesOf(windowDescriptor[0] ?? 0);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw input.fail(`zstd frame needs a window of ${windowBytes} bytes, above ${MAX_WINDOW_BYTES}`);
  }
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  return {
    bytes: Uint8Array.from([...magic, flags, ...windowDescriptor, ...dictionary, ...contentSize]),
    hasChecksum: (flags & HAS_CHECKSUM) !== 0,
  };
}

/** An exponent, and eighths of what it stands for. */
function windowBytesOf(descriptor: number): number {
  const base = SMALLEST_WINDOW_BYTES * 2 ** (descriptor >> 3);
  return base + (base / 8) * (descriptor & 7);
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
