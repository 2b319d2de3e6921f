import { MalformedInputError } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/base/ports.ts';

/** A source over bytes that remembers what was read of it. */
export class TestSource implements ByteSource {
  readonly name: string;
  readonly #bytes: Uint8Array;
  readonly reads: { readonly offset: number; readonly sizeBytes: number }[] = [];

  constructor(bytes: Uint8Array, name = 'test.so') {
    this.#bytes = bytes;
    this.name = name;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    this.reads.push({ offset, sizeBytes });
    if (offset + sizeBytes > this.#bytes.length) {
      throw new MalformedInputError(
        this.name,
        offset,
        `${sizeBytes} bytes wanted, ${this.#bytes.length} in all`,
      );
    }
    return this.#bytes.subarray(offset, offset + sizeBytes);
  }
}
