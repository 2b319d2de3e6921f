import { closeSync, openSync, readSync } from 'node:fs';
import type { Address, AddressRange } from '../../src/base/address.ts';
import { UnreadableMemoryError } from '../../src/base/errors.ts';
import type { Memory } from '../../src/base/ports.ts';

/** The memory of a process by the plainest way, for tests of what lies above `Memory`. */
export class ProcMemory implements Memory {
  readonly #file: number;

  constructor(pid: number) {
    this.#file = openSync(`/proc/${pid}/mem`, 'r');
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    if (sizeBytes > 0 && this.#readInto(bytes, address) !== sizeBytes)
      throw new UnreadableMemoryError(address, sizeBytes);
    return bytes;
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => {
      const bytes = new Uint8Array(sizeBytes);
      return this.#readInto(bytes, address) === sizeBytes ? bytes : undefined;
    });
  }

  #readInto(bytes: Uint8Array, address: Address): number {
    try {
      return readSync(this.#file, bytes, 0, bytes.length, address);
    } catch {
      return 0;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
