import { type Address, toAddress, WORD_BYTES } from '../base/address.ts';
import type { Memory } from '../base/ports.ts';
import { readIfMapped } from '../base/read-if-sound.ts';
import { StructView } from '../base/struct-view.ts';

const PAGE_BYTES = 4096;

/** Reads the words of a stack: neighbours are asked for one after the other, so that the last page is kept. */
export class MemoryWords {
  readonly memory: Pick<Memory, 'read'>;
  #page: StructView | undefined;
  #pageNumber = -1;

  constructor(memory: Pick<Memory, 'read'>) {
    this.memory = memory;
  }

  /** @throws {UnreadableMemoryError} when nothing is there */
  u64(address: Address): bigint {
    const pageNumber = Math.floor(address / PAGE_BYTES);
    const offset = address - pageNumber * PAGE_BYTES;
    if (offset > PAGE_BYTES - WORD_BYTES) return this.#readWord(address);
    if (pageNumber !== this.#pageNumber) {
      this.#page = this.#readPage(toAddress(pageNumber * PAGE_BYTES));
      this.#pageNumber = pageNumber;
    }
    return this.#page === undefined ? this.#readWord(address) : this.#page.u64(offset);
  }

  /** `undefined` when nothing is there. */
  find(address: Address): bigint | undefined {
    return readIfMapped(() => this.u64(address));
  }

  /** Reads the bytes of some code, or fewer; none where it cannot be read. */
  code(address: Address, sizeBytes: number): Uint8Array {
    return (
      readIfMapped(() => this.memory.read(address, sizeBytes)) ??
      readIfMapped(() =>
        this.memory.read(address, Math.min(sizeBytes, PAGE_BYTES - (address % PAGE_BYTES))),
      ) ??
      new Uint8Array()
    );
  }

  #readWord(address: Address): bigint {
    return new StructView(this.memory.read(address, WORD_BYTES), 'stack', address).u64(0);
  }

  /** `undefined` for a page of which only a part can be read, as in a core file or in a test. */
  #readPage(address: Address): StructView | undefined {
    return readIfMapped(() => new StructView(this.memory.read(address, PAGE_BYTES), 'stack', address));
  }
}
