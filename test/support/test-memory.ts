import type { Address, AddressRange } from '../../src/base/address.ts';
import { UnreadableMemoryError } from '../../src/base/errors.ts';
import type { Memory } from '../../src/base/ports.ts';
import { readIfMapped } from '../../src/base/read-if-sound.ts';

interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Memory that a test writes by hand: segments of bytes at addresses, unmapped everywhere else. */
export class TestMemory implements Memory {
  readonly #segments: Segment[] = [];

  /** Maps bytes at an address; a later segment hides an earlier one that it overlaps. */
  map(address: number, bytes: Uint8Array): this {
    this.#segments.unshift({ address, bytes });
    return this;
  }

  /** Maps a struct of `sizeBytes` whose 64-bit words are given by offset; the rest is zero. */
  mapWords(address: number, sizeBytes: number, words: Readonly<Record<number, number | bigint>>): this {
    const bytes = new Uint8Array(sizeBytes);
    const view = new DataView(bytes.buffer);
    for (const [offset, value] of Object.entries(words))
      view.setBigUint64(Number(offset), BigInt(value), true);
    return this.map(address, bytes);
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const segment = this.#segments.find(
      ({ address: start, bytes }) => address >= start && address + sizeBytes <= start + bytes.length,
    );
    if (segment === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return segment.bytes.subarray(address - segment.address, address - segment.address + sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => {
      return readIfMapped(() => this.read(address, sizeBytes));
    });
  }
}
