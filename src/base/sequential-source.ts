import { ByteCursor } from './byte-cursor.ts';
import { MalformedInputError } from './errors.ts';
import type { ByteSource } from './ports.ts';

/** Most streams are read in small steps: so much is asked of the source at once. */
const WINDOW_BYTES = 256 << 10;

/** Reads a source from its beginning to its end, holding only a small part of it. */
export class SequentialSource {
  readonly #source: ByteSource;
  #offset: number;
  #window: Uint8Array = new Uint8Array();
  #windowOffset = 0;

  constructor(source: ByteSource, offset = 0) {
    this.#source = source;
    this.#offset = offset;
  }

  /** Where the next byte lies in the source. */
  get offset(): number {
    return this.#offset;
  }

  get leftBytes(): number {
    return Math.max(0, this.#source.sizeBytes - this.#offset);
  }

  /**
   * The next bytes, which stay valid until the next read.
   * @throws {MalformedInputError} when the source ends before, which moves nothing
   */
  bytes(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.leftBytes) throw this.fail(`${sizeBytes} bytes wanted, ${this.leftBytes} left`);
    const bytes = this.#peek(sizeBytes);
    this.#offset += sizeBytes;
    return bytes;
  }

  /** The next bytes, to take numbers from. */
  cursor(sizeBytes: number): ByteCursor {
    const name = this.#partName;
    return new ByteCursor(this.bytes(sizeBytes), name);
  }

  /** The same of at most so many bytes, and without moving. */
  peekCursor(maxBytes: number): ByteCursor {
    return new ByteCursor(this.#peek(Math.min(maxBytes, this.leftBytes)), this.#partName);
  }

  /** Makes the error that blames the current position. */
  fail(state: string, options?: ErrorOptions): MalformedInputError {
    return new MalformedInputError(this.#source.name, this.#offset, state, options);
  }

  get #partName(): string {
    return `${this.#source.name}, part at ${this.#offset},`;
  }

  #peek(sizeBytes: number): Uint8Array {
    const end = this.#windowOffset + this.#window.length;
    if (this.#offset + sizeBytes > end || this.#offset < this.#windowOffset) {
      const wanted = Math.min(Math.max(sizeBytes, WINDOW_BYTES), this.leftBytes);
      this.#window = this.#source.read(this.#offset, wanted);
      this.#windowOffset = this.#offset;
    }
    const start = this.#offset - this.#windowOffset;
    return this.#window.subarray(start, start + sizeBytes);
  }
}
