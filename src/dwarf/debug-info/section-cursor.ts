import { ByteCursor } from '../../base/byte-cursor.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { PagedSection } from './paged-section.ts';

const NOTHING = new Uint8Array();

/** Longer LEB128 numbers are refused; 64 bits need 10 bytes, and some writers pad. */
const MAX_LEB_BYTES = 24;

/** Longer texts are refused: names of C++ templates have some 10,000 bytes. */
const MAX_STRING_BYTES = 256 << 10;

/**
 * Reads a section forward without loading it whole. Offsets are those of the section. Numbers above 2^53 come out
 * rounded, since they are marks for "discarded" or values that nobody asks for, and must not end a walk.
 */
export class SectionCursor {
  readonly #section: PagedSection;
  /** Nothing is read at or beyond it. */
  readonly #end: number;
  #window: Uint8Array = NOTHING;
  #windowStart: number;
  #cursor = new ByteCursor(NOTHING, '');

  constructor(section: PagedSection, offset = 0, end = section.sizeBytes) {
    this.#section = section;
    this.#end = Math.min(end, section.sizeBytes);
    this.#windowStart = 0;
    this.seek(offset);
  }

  get offset(): number {
    return this.#windowStart + this.#cursor.offset;
  }

  get end(): number {
    return this.#end;
  }

  get atEnd(): boolean {
    return this.offset >= this.#end;
  }

  /** Moves to an offset of the section, which may be the end. */
  seek(offset: number): void {
    if (!(offset >= 0 && offset <= this.#end)) throw this.fail(`offset ${offset} is outside`);
    const start = offset - this.#windowStart;
    if (start >= 0 && start <= this.#window.length) this.#cursor.seek(start);
    else this.#moveWindow(offset, NOTHING);
  }

  skip(sizeBytes: number): void {
    this.seek(this.offset + sizeBytes);
  }

  u8(): number {
    return this.#holding(1).u8();
  }

  i8(): number {
    return this.#holding(1).i8();
  }

  u16(): number {
    return this.#holding(2).u16();
  }

  u24(): number {
    const cursor = this.#holding(3);
    return cursor.u16() + cursor.u8() * 0x1_0000;
  }

  u32(): number {
    return this.#holding(4).u32();
  }

  /** Rounded when above 2^53. */
  u64(): number {
    const cursor = this.#holding(8);
    const low = cursor.u32();
    return cursor.u32() * 0x1_0000_0000 + low;
  }

  exactU64(): bigint {
    return this.#holding(8).u64();
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  unsigned(sizeBytes: number): number {
    switch (sizeBytes) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw this.fail(`a number of ${sizeBytes} bytes is unknown`);
    }
  }

  /** Rounded when above 2^53. */
  uleb128(): number {
    let value = this.u8();
    if (value < 0x80) return value;
    value -= 0x80;
    let scale = 0x80;
    for (let count = 1; count < MAX_LEB_BYTES; count += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw this.fail(`LEB128 has more than ${MAX_LEB_BYTES} bytes`);
  }

  /** Rounded when beyond ±2^53. */
  sleb128(): number {
    // The value and its complement: of a negative number only the latter stays below 2^53 on the way.
    let value = 0;
    let complement = 0;
    let scale = 1;
    for (let count = 0; count < MAX_LEB_BYTES; count += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      complement += (0x7f - (byte & 0x7f)) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : -complement - 1;
      scale *= 0x80;
    }
    throw this.fail(`LEB128 has more than ${MAX_LEB_BYTES} bytes`);
  }

  skipLeb128(): void {
    while (this.u8() >= 0x80);
  }

  /** Text up to the next NUL byte, which is consumed and left out. */
  cString(): string {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for (;;) {
      const rest = this.#rest();
      const length = rest.indexOf(0);
      const part = length === -1 ? rest : rest.subarray(0, length);
      parts.push(part);
      sizeBytes += part.length;
      if (sizeBytes > MAX_STRING_BYTES) throw this.fail(`text has more than ${MAX_STRING_BYTES} bytes`);
      this.skip(part.length);
      if (length === -1) continue;
      this.skip(1);
      return (
        parts.length === 1 ? Buffer.from(part.buffer, part.byteOffset, length) : Buffer.concat(parts)
      ).toString('utf8');
    }
  }

  skipCString(): void {
    for (;;) {
      const rest = this.#rest();
      const length = rest.indexOf(0);
      this.skip(length === -1 ? rest.length : length + 1);
      if (length !== -1) return;
    }
  }

  /** Makes the error that blames the current position. */
  fail(state: string): MalformedInputError {
    return new MalformedInputError(this.#section.name, this.offset, state);
  }

  /** What of the section follows in the window; at least a byte. */
  #rest(): Uint8Array {
    const start = this.#holding(1).offset;
    return this.#window.subarray(start, this.#end - this.#windowStart);
  }

  /** The cursor over a window that holds so many bytes more. */
  #holding(sizeBytes: number): ByteCursor {
    const offset = this.offset;
    if (offset + sizeBytes > this.#end)
      throw this.fail(`${sizeBytes} bytes wanted, ${this.#end - offset} left`);
    if (this.#window.length - this.#cursor.offset < sizeBytes)
      this.#moveWindow(offset, this.#section.bytesFrom(offset, sizeBytes));
    return this.#cursor;
  }

  #moveWindow(offset: number, window: Uint8Array): void {
    this.#window = window;
    this.#windowStart = offset;
    this.#cursor = new ByteCursor(window, this.#section.name);
  }
}
