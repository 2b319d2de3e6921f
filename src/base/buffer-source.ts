import { MalformedInputError } from './errors.ts';
import type { ByteSource } from './ports.ts';

/** Bytes that we already hold, as a source: what was decompressed out of another one. */
export class BufferSource implements ByteSource {
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.name = name;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    if (!(offset >= 0 && sizeBytes >= 0 && offset + sizeBytes <= this.#bytes.length)) {
      const state = `${sizeBytes} bytes wanted, there are ${this.#bytes.length}`;
      throw new MalformedInputError(this.name, offset, state);
    }
    return this.#bytes.subarray(offset, offset + sizeBytes);
  }
}
