import type { Address, AddressRange } from '../../src/base/address.ts';
import { UnreadableMemoryError } from '../../src/base/errors.ts';
import type { Memory } from '../../src/base/ports.ts';

const PAGE_BYTES = 4096;

/** A pseudo-random sequence of numbers from 0 to 1 that is the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Remembers the places that were read, to give them back with damage. */
export class RecordingMemory implements Memory {
  readonly #memory: Memory;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #places: { readonly address: number; readonly sizeBytes: number }[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const bytes = this.#memory.read(address, sizeBytes);
    if (sizeBytes > 0) this.#places.push({ address, sizeBytes });
    for (const [index, byte] of bytes.entries())
      this.#pageOf(address + index)[(address + index) % PAGE_BYTES] = byte;
    return bytes;
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => this.read(address, sizeBytes));
  }

  /** A copy in which some of the words that were read hold other values: noise, small numbers, other addresses. */
  damaged(random: () => number, count: number): DamagedMemory {
    const words = new Map<number, bigint>();
    for (let done = 0; done < count; done += 1) {
      const address = this.#wordNear(random);
      words.set(address, this.#damage(random));
    }
    return new DamagedMemory(this.#pages, words);
  }

  #wordNear(random: () => number): number {
    const place = this.#places[Math.floor(random() * this.#places.length)];
    if (place === undefined) throw new RangeError('nothing was recorded');
    const address = place.address + Math.floor(random() * place.sizeBytes);
    return address - (address % 8);
  }

  #damage(random: () => number): bigint {
    const choice = random();
    if (choice < 0.5) return BigInt(this.#wordNear(random));
    if (choice < 0.7) return BigInt(Math.floor(random() * 1000));
    if (choice < 0.8) return BigInt(Math.floor(random() * 2 ** 31)) << 31n;
    return (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  }

  #pageOf(address: number): Uint8Array {
    const start = address - (address % PAGE_BYTES);
    const page = this.#pages.get(start) ?? new Uint8Array(PAGE_BYTES);
    this.#pages.set(start, page);
    return page;
  }
}

/** What was recorded, damaged; pages that were never read are not mapped. */
export class DamagedMemory implements Memory {
  readonly #pages: ReadonlyMap<number, Uint8Array>;
  readonly #words: ReadonlyMap<number, bigint>;
  readCount = 0;

  constructor(pages: ReadonlyMap<number, Uint8Array>, words: ReadonlyMap<number, bigint>) {
    this.#pages = pages;
    this.#words = words;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    this.readCount += 1;
    const bytes = new Uint8Array(sizeBytes);
    for (let done = 0; done < sizeBytes; ) {
      const at = address + done;
      const page = this.#pages.get(at - (at % PAGE_BYTES));
      if (page === undefined) throw new UnreadableMemoryError(address, sizeBytes);
      const part = page.subarray(at % PAGE_BYTES, (at % PAGE_BYTES) + sizeBytes - done);
      bytes.set(part, done);
      done += part.length;
    }
    for (const [word, value] of this.#words) this.#overlay(bytes, word - address, value);
    return bytes;
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => this.read(address, sizeBytes));
  }

  #overlay(bytes: Uint8Array, offset: number, value: bigint): void {
    for (let index = 0; index < 8; index += 1) {
      const at = offset + index;
      if (at >= 0 && at < bytes.length) bytes[at] = Number((value >> BigInt(index * 8)) & 0xffn);
    }
  }
}
