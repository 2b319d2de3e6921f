import { MalformedInputError } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/base/ports.ts';

/** A stretch of a file. */
export interface FileStretch {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** A file of which some bytes are other ones, or that ends early, and that remembers what was read of it. */
export class PatchedSource implements ByteSource {
  readonly name = 'patched.core';
  readonly sizeBytes: number;
  readonly reads: FileStretch[] = [];
  readonly #bytes: Uint8Array;
  readonly #patches: ReadonlyMap<number, Uint8Array>;

  /** @param patches by their offset in the file */
  constructor(bytes: Uint8Array, patches: ReadonlyMap<number, Uint8Array>, sizeBytes = bytes.length) {
    this.#bytes = bytes;
    this.#patches = patches;
    this.sizeBytes = sizeBytes;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    if (!(offset >= 0 && sizeBytes >= 0 && offset + sizeBytes <= this.sizeBytes))
      throw new MalformedInputError(this.name, offset, `${sizeBytes} bytes are not there`);
    this.reads.push({ offset, sizeBytes });
    const bytes = Uint8Array.from(this.#bytes.subarray(offset, offset + sizeBytes));
    for (const [at, patch] of this.#patches) {
      const from = Math.max(at, offset);
      const to = Math.min(at + patch.length, offset + sizeBytes);
      if (from < to) bytes.set(patch.subarray(from - at, to - at), from - offset);
    }
    return bytes;
  }
}
