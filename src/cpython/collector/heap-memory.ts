import type { Address, AddressRange } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { HeapWords } from './heap-words.ts';

/** A copied heap as memory, so that objects are described as they were when it was copied. */
export class HeapMemory implements Memory {
  readonly #words: HeapWords;

  constructor(words: HeapWords) {
    this.#words = words;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const bytes = this.#words.bytes(address, sizeBytes);
    if (bytes === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return bytes;
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => this.#words.bytes(address, sizeBytes));
  }
}
