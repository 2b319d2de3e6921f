import { MalformedInputError } from '../../base/errors.ts';
import type { PagedSection } from './paged-section.ts';

const NOTHING = new Uint8Array();

/** Longer LEB128 numbers are refused; 64 bits need 10 bytes, and some writers pad. */
const MAX_LEB_BYTES = 24;

/** Longer texts are refused: names of C++ templates have some 10,000 bytes. */
const MAX_STRING_BYTES = 256 << 10;

/**
 * Reads a section forward without loading it whole, and takes numbers out of its bytes itself: a cold run is over before
 * calls through a `ByteCursor` are compiled, which made it a quarter slower. Offsets are those of the section. Numbers above 2^53 come out
 * rounded, since they are marks for "discarded" or values that nobody asks for, and must not end a walk.
 */
export class SectionCursor {
  readonly #section: PagedSection;
  /** Nothing is read at or beyond it. */
  readonly #end: number;
  #window: Uint8Array = NOTHING;
  /** Where the window begins in the section. */
  #windowStart = 0;
  /** Where we are in the window. */
  #at = 0;
  /** Where the window, or what may be read of it, ends. */
  #limit = 0;

  constructor(section: PagedSection, offset = 0, end = section.sizeBytes) {
    this.#section = section;
    this.#end = Math.min(end, section.sizeBytes);
    this.seek(offset);
  }

  get offset(): number {
    return this.#windowStart + this.#at;
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
    if (start >= 0 && start <= this.#limit) this.#at = start;
    else this.#moveWindow(offset, NOTHING);
  }

  skip(sizeBytes: number): void {
    this.seek(this.offset + sizeBytes);
  }

  u8(): number {
    if (this.#at >= this.#limit) this.#fill(1);
    const value = this.#window[this.#at] ?? 0;
    this.#at += 1;
    return value;
  }

  i8(): number {
    const value = this.u8();
    return value < 0x80 ? value : value - 0x100;
  }

  u16(): number {
    return this.#little(2);
  }

  u24(): number {
    return this.#little(3);
  }

  u32(): number {
    return this.#little(4);
  }

  /** Rounded when above 2^53. */
  u64(): number {
    return this.#little(8);
  }

  exactU64(): bigint {
    this.#fill(8);
    const low = BigInt(this.#little(4));
    return (BigInt(this.#little(4)) << 32n) | low;
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
    this.#fill(1);
    return this.#window.subarray(this.#at, this.#limit);
  }

  /** The least byte comes first; the sum of 8 bytes is rounded once at most, in its last step. */
  #little(sizeBytes: number): number {
    this.#fill(sizeBytes);
    let value = 0;
    for (let at = this.#at + sizeBytes - 1; at >= this.#at; at -= 1)
      value = value * 0x100 + (this.#window[at] ?? 0);
    this.#at += sizeBytes;
    return value;
  }

  /** Sees to it that the window holds so many bytes more. */
  #fill(sizeBytes: number): void {
    if (this.#at + sizeBytes <= this.#limit) return;
    const { offset } = this;
    if (offset + sizeBytes > this.#end)
      throw this.fail(`${sizeBytes} bytes wanted, ${this.#end - offset} left`);
    this.#moveWindow(offset, this.#section.bytesFrom(offset, sizeBytes));
  }

  #moveWindow(offset: number, window: Uint8Array): void {
    this.#window = window;
    this.#windowStart = offset;
    this.#at = 0;
    this.#limit = Math.min(window.length, this.#end - offset);
  }
}
