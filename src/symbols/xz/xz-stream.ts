import type { ByteSource } from '../../base/ports.ts';
import { SequentialSource } from '../../base/sequential-source.ts';
import { Lzma2Decoder, readLzma2Chunk } from './lzma2.ts';
import type { XzCheck } from './xz-check.ts';
import { readBlockHeader, readStreamHeader } from './xz-header.ts';

const FOOTER_BYTES = 12;

/** The header of a chunk and the most that it packs (LZMA2 has no larger one). */
const MAX_CHUNK_BYTES = 6 + (64 << 10);
/** What a chunk decompresses to at most. */
const MAX_CHUNK_OUTPUT_BYTES = 2 << 20;

/** `xz -9` has 64 MiB. */
const MAX_DICTIONARY_BYTES = 128 << 20;

/**
 * Decompresses xz streams that follow each other, chunk by chunk, in the memory of one dictionary. Every block is held
 * against its check.
 * @throws {MalformedInputError} for other filters than LZMA2, too large a dictionary, and what is damaged or cut off;
 *   all chunks before were given
 */
export function* decompressXzStreams(source: ByteSource): Generator<Uint8Array> {
  const input = new SequentialSource(source);
  while (input.leftBytes > 0) {
    const check = readStreamHeader(input);
    // The first byte of a block is the size of its header, that of the index behind the last block is 0.
    for (let size = input.cursor(1).u8(); size !== 0; size = input.cursor(1).u8()) {
      yield* decompressBlock(input, size, check);
    }
    skipIndex(input);
    input.bytes(FOOTER_BYTES);
    skipPadding(input);
  }
}

function* decompressBlock(input: SequentialSource, size: number, check: XzCheck): Generator<Uint8Array> {
  const dictionaryBytes = readBlockHeader(input, size);
  if (dictionaryBytes > MAX_DICTIONARY_BYTES)
    throw input.fail(
      `xz block needs a dictionary of ${dictionaryBytes} bytes, above ${MAX_DICTIONARY_BYTES}`,
    );
  const start = input.offset;
  const sum = check.begin();
  const output = new Uint8Array(dictionaryBytes + Math.max(dictionaryBytes, 2 * MAX_CHUNK_OUTPUT_BYTES));
  const decoder = new Lzma2Decoder(output);
  for (;;) {
    const cursor = input.peekCursor(MAX_CHUNK_BYTES);
    const chunk = readLzma2Chunk(cursor);
    input.bytes(cursor.offset);
    if (chunk === undefined) break;
    if (decoder.position + chunk.sizeBytes > output.length) decoder.slide(dictionaryBytes);
    const from = decoder.position;
    decoder.decode(chunk, cursor);
    const piece = output.subarray(from, decoder.position);
    sum.add(piece);
    yield piece;
  }
  input.bytes((4 - ((input.offset - start) % 4)) % 4);
  const expected = input.bytes(check.sizeBytes);
  if (Buffer.compare(sum.finish(), expected) !== 0)
    throw input.fail(`xz block does not have its ${check.name}`);
}

/** Skips the index, which repeats the sizes of the blocks and whose first byte has been read. */
function skipIndex(input: SequentialSource): void {
  const start = input.offset - 1;
  for (let left = 2 * uleb128(input); left > 0; left -= 1) uleb128(input);
  input.bytes((4 - ((input.offset - start) % 4)) % 4);
  input.bytes(4);
}

function uleb128(input: SequentialSource): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 50; scale *= 128) {
    const byte = input.cursor(1).u8();
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw input.fail('xz index has a number that is too large');
}

/** Streams are padded with zeros, to a multiple of four. */
function skipPadding(input: SequentialSource): void {
  while (input.leftBytes > 0 && input.peekCursor(1).u8() === 0) input.bytes(1);
}
