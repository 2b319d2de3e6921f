import type { Address, AddressRange } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';

/** Memory that counts what is read, so that a question about hostile memory ends however its pointers run. */
export class MeteredMemory implements Memory {
  readonly #memory: Memory;
  #readsLeft = Number.POSITIVE_INFINITY;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Runs something that may read at most that often. */
  limited<T>(reads: number, run: () => T): T {
    const before = this.#readsLeft;
    this.#readsLeft = Math.min(before, reads);
    try {
      return run();
    } finally {
      this.#readsLeft = before;
    }
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    this.#count(1);
    return this.#memory.read(address, sizeBytes);
  }

  readView(address: Address, sizeBytes: number, name: string): StructView {
    this.#count(1);
    return (
      this.#memory.readView?.(address, sizeBytes, name) ??
      new StructView(this.#memory.read(address, sizeBytes), name, address)
    );
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    this.#count(ranges.length);
    return this.#memory.readMany(ranges);
  }

  #count(reads: number): void {
    this.#readsLeft -= reads;
    if (this.#readsLeft < 0)
      throw new MalformedInputError('object', 0, 'it takes more reads than any object needs');
  }
}
