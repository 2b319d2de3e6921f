import { type Address, type AddressRange, toAddress } from './address.ts';
import { UnreadableMemoryError } from './errors.ts';
import type { Memory } from './ports.ts';

const PAGE_BYTES = 4096;
/** Larger reads go past the cache: they would only push out what is read again and again. */
const LARGEST_CACHED_BYTES = 64 << 10;
/** When as many pages are kept, all are dropped: a look at a target needs a tenth of that. */
const MOST_PAGES = (64 << 20) / PAGE_BYTES;

/**
 * Memory that is read by whole pages, each once: a page costs hardly more than a pointer. What was read stays as it was
 * until `clear()`, so that one look at a target sees each page at one moment only.
 */
export class PageCache implements Memory {
  readonly #below: Memory;
  /** By page number; `undefined` for a page that is not mapped. */
  readonly #pages = new Map<number, Uint8Array | undefined>();

  constructor(below: Memory) {
    this.#below = below;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const first = Math.floor(address / PAGE_BYTES);
    const start = address - first * PAGE_BYTES;
    if (start + sizeBytes <= PAGE_BYTES) {
      const page = this.#page(first);
      if (page === undefined) throw new UnreadableMemoryError(address, sizeBytes);
      return page.subarray(start, start + sizeBytes);
    }
    if (sizeBytes > LARGEST_CACHED_BYTES) return this.#below.read(address, sizeBytes);
    return this.#assemble(address, sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    this.prefetch(ranges.filter(({ sizeBytes }) => sizeBytes <= LARGEST_CACHED_BYTES));
    return ranges.map(({ address, sizeBytes }) => {
      try {
        return this.read(address, sizeBytes);
      } catch (error) {
        if (error instanceof UnreadableMemoryError) return undefined;
        throw error;
      }
    });
  }

  /** Reads all pages of the ranges that are not there yet, in as few system calls as the memory below can. */
  prefetch(ranges: readonly AddressRange[]): void {
    const missing = new Set<number>();
    for (const { address, sizeBytes } of ranges) {
      const last = Math.floor((address + Math.max(sizeBytes, 1) - 1) / PAGE_BYTES);
      for (let page = Math.floor(address / PAGE_BYTES); page <= last; page += 1) {
        if (!this.#pages.has(page)) missing.add(page);
      }
    }
    const numbers = [...missing];
    const pages = this.#below.readMany(numbers.map(pageRange));
    this.#makeRoom(numbers.length);
    for (const [at, number] of numbers.entries()) this.#pages.set(number, pages[at]);
  }

  /** The pages that are kept, to prefetch them in another look. */
  touchedPages(): readonly AddressRange[] {
    return [...this.#pages.keys()].map(pageRange);
  }

  /** Forgets everything, so that the next reads see the memory as it is then. */
  clear(): void {
    this.#pages.clear();
  }

  #page(number: number): Uint8Array | undefined {
    const known = this.#pages.get(number);
    if (known !== undefined || this.#pages.has(number)) return known;
    const [page] = this.#below.readMany([pageRange(number)]);
    this.#makeRoom(1);
    this.#pages.set(number, page);
    return page;
  }

  #assemble(address: Address, sizeBytes: number): Uint8Array {
    const whole = new Uint8Array(sizeBytes);
    for (let done = 0; done < sizeBytes; ) {
      const at = address + done;
      const number = Math.floor(at / PAGE_BYTES);
      const page = this.#page(number);
      if (page === undefined) throw new UnreadableMemoryError(address, sizeBytes);
      const part = page.subarray(at - number * PAGE_BYTES, at - number * PAGE_BYTES + sizeBytes - done);
      whole.set(part, done);
      done += part.length;
    }
    return whole;
  }

  #makeRoom(count: number): void {
    if (this.#pages.size + count > MOST_PAGES) this.#pages.clear();
  }
}

function pageRange(number: number): AddressRange {
  return { address: toAddress(number * PAGE_BYTES), sizeBytes: PAGE_BYTES };
}
