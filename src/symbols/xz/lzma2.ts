import type { ByteCursor } from '../../base/byte-cursor.ts';
import { LzmaDecoder, type LzmaProperties } from './lzma-decoder.ts';
import { RangeDecoder } from './range-decoder.ts';

/** What an LZMA2 chunk does before its bytes, by the highest bits of its control byte. */
type Reset = 'none' | 'state' | 'properties' | 'everything';

/** A piece of LZMA2, up to 2 MiB of what was compressed. */
export interface Lzma2Chunk {
  readonly isCompressed: boolean;
  readonly reset: Reset;
  /** What it decompresses to. */
  readonly sizeBytes: number;
  /** As `lc + 9 * (lp + 5 * pb)`; `undefined` where those before stay in force. */
  readonly properties: number | undefined;
  readonly packed: Uint8Array;
}

const RESETS: readonly Reset[] = ['none', 'state', 'properties', 'everything'];
const MAX_PROPERTIES = 9 * 5 * 5;

/** What LZMA2 allows for literals, `lc + lp`. */
const MAX_LITERAL_BITS = 4;

/**
 * Decompresses LZMA2, whose chunks follow each other up to a 0 byte; the cursor stands behind it then. What they
 * decompress to is added up from their headers and allocated once.
 * @throws {MalformedInputError} when that is above `maxSizeBytes`, before any of it is decompressed
 */
export function decompressLzma2(cursor: ByteCursor, maxSizeBytes: number): Uint8Array {
  const start = cursor.offset;
  let sizeBytes = 0;
  for (let chunk = readLzma2Chunk(cursor); chunk !== undefined; chunk = readLzma2Chunk(cursor)) {
    sizeBytes += chunk.sizeBytes;
    if (sizeBytes > maxSizeBytes) throw cursor.fail(`decompresses to more than ${maxSizeBytes} bytes`);
  }
  cursor.seek(start);
  const output = new Uint8Array(sizeBytes);
  const decoder = new Lzma2Decoder(output);
  for (let chunk = readLzma2Chunk(cursor); chunk !== undefined; chunk = readLzma2Chunk(cursor)) {
    decoder.decode(chunk, cursor);
  }
  return output;
}

/** Decodes chunks in their order. */
export class Lzma2Decoder {
  readonly #decoder: LzmaDecoder;
  /** What the next compressed chunk must reset at least. */
  readonly #state: { needs: Reset } = { needs: 'everything' };

  /** @param output the dictionary, and what is decompressed behind it */
  constructor(output: Uint8Array) {
    this.#decoder = new LzmaDecoder(output);
  }

  get position(): number {
    return this.#decoder.position;
  }

  slide(keptBytes: number): void {
    this.#decoder.slide(keptBytes);
  }

  /**
   * Decompresses a chunk to where `position` stands.
   * @param cursor stands behind the chunk, to blame what is wrong with it
   */
  decode(chunk: Lzma2Chunk, cursor: ByteCursor): void {
    prepare(this.#decoder, chunk, cursor, this.#state);
    if (chunk.isCompressed) this.#decoder.decode(new RangeDecoder(chunk.packed, cursor), chunk.sizeBytes);
    else this.#decoder.copy(chunk.packed);
  }
}

/** Reads a chunk with its header; `undefined` for the end. */
export function readLzma2Chunk(cursor: ByteCursor): Lzma2Chunk | undefined {
  const control = cursor.u8();
  if (control === 0) return undefined;
  if (control >= 0x80) {
    const reset = RESETS[(control >> 5) & 3] ?? 'none';
    const sizeBytes = (control & 0x1f) * 0x1_0000 + bigEndian16(cursor) + 1;
    const packedBytes = bigEndian16(cursor) + 1;
    const hasProperties = reset === 'properties' || reset === 'everything';
    const properties = hasProperties ? cursor.u8() : undefined;
    return { isCompressed: true, reset, sizeBytes, properties, packed: cursor.bytes(packedBytes) };
  }
  if (control > 2) throw cursor.fail(`LZMA2 control byte ${control} is unknown`);
  const sizeBytes = bigEndian16(cursor) + 1;
  // Control 1 also empties the dictionary; stored bytes leave the state as it is.
  const reset = control === 1 ? 'everything' : 'none';
  return { isCompressed: false, reset, sizeBytes, properties: undefined, packed: cursor.bytes(sizeBytes) };
}

function bigEndian16(cursor: ByteCursor): number {
  return cursor.u8() * 256 + cursor.u8();
}

/** @param state what the next compressed chunk must reset at least */
function prepare(decoder: LzmaDecoder, chunk: Lzma2Chunk, cursor: ByteCursor, state: { needs: Reset }): void {
  if (chunk.reset === 'everything') {
    decoder.resetDictionary();
    if (state.needs === 'everything') state.needs = 'properties';
  } else if (state.needs === 'everything') throw cursor.fail('LZMA2 does not begin with an empty dictionary');
  if (!chunk.isCompressed || chunk.reset === 'none') {
    if (chunk.isCompressed && state.needs !== 'none') throw cursor.fail('LZMA2 chunk has no properties');
    return;
  }
  if (chunk.properties === undefined && state.needs === 'properties') {
    throw cursor.fail('LZMA2 chunk has no properties');
  }
  decoder.resetState(
    chunk.properties === undefined ? decoder.properties : propertiesOf(chunk.properties, cursor),
  );
  state.needs = 'none';
}

function propertiesOf(byte: number, cursor: ByteCursor): LzmaProperties {
  const literalContextBits = byte % 9;
  const literalPositionBits = Math.floor(byte / 9) % 5;
  const positionBits = Math.floor(byte / 45);
  if (byte >= MAX_PROPERTIES || literalContextBits + literalPositionBits > MAX_LITERAL_BITS) {
    throw cursor.fail(`LZMA properties ${byte} are none`);
  }
  return { literalContextBits, literalPositionBits, positionBits };
}
