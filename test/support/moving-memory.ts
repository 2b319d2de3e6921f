import type { Address, AddressRange } from '../../src/base/address.ts';
import { UnreadableMemoryError } from '../../src/base/errors.ts';
import type { Memory } from '../../src/base/ports.ts';

/** One stretch of memory whose words a test changes, also while it is read. */
export class MovingMemory implements Memory {
  readonly base: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Called before each read, with how many there were. */
  onRead: (reads: number) => void = () => undefined;
  reads = 0;

  constructor(base: number, sizeBytes: number) {
    this.base = base;
    this.#bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  word(address: number, value: number): void {
    this.#view.setBigUint64(address - this.base, BigInt(value), true);
  }

  byte(address: number, value: number): void {
    this.#view.setUint8(address - this.base, value);
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    this.onRead(this.reads);
    this.reads += 1;
    const from = address - this.base;
    if (from < 0 || from + sizeBytes > this.#bytes.length)
      throw new UnreadableMemoryError(address, sizeBytes);
    return this.#bytes.slice(from, from + sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => this.read(address, sizeBytes));
  }
}
