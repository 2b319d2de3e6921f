import { type Address, type AddressRange, toAddress } from './address.ts';
import { UnreadableMemoryError } from './errors.ts';
import type { Memory } from './ports.ts';
import { StructView } from './struct-view.ts';

const PAGE_BYTES = 4096;

/** Larger reads go past the cache: they would only push out what is read again and again. */
const LARGEST_CACHED_BYTES = 64 << 10;

/** A look at a target needs a tenth of it. */
const DEFAULT_MAX_BYTES = 64 << 20;

/** Pages are numbered from address 0; behind the last one lies what no `Address` can name. */
const PAGE_COUNT = 2 ** 53 / PAGE_BYTES;

/** Pages by number. */
export type KeptPages = ReadonlyMap<number, Uint8Array>;

/** How a page cache differs from the usual. */
export interface PageCacheOptions {
  /** What the pages may take together; 64 MiB when left out. */
  readonly maxBytes?: number;
}

/**
 * Memory that is read by whole pages, each once: a page costs hardly more than a pointer. What was read stays as it was
 * until `clear()`, or until many other pages have come since, so that one look at a target sees each page at one moment.
 * A page that could not be read is not tried again: the kernel maps whole pages, so no part of it would do better.
 */
export class PageCache implements Memory {
  readonly #below: Memory;
  readonly #maxPages: number;
  /** Pages by number. One that is used while in `#older` moves back here; what is left there is dropped together. */
  #recent = new Map<number, Uint8Array>();
  #older = new Map<number, Uint8Array>();
  /** Prefetched and not used yet. */
  #untouched = new Map<number, Uint8Array>();
  readonly #unreadable = new Set<number>();
  #readsBelow = 0;
  /** Something was read since `clear()` that is not kept: a large range, or a page that was dropped. */
  #isPartial = false;
  /** Nothing is read below, and whether something was asked for that would have been. */
  #isSealed = false;
  #isIncomplete = false;
  readonly #missed = new Set<number>();

  constructor(below: Memory, { maxBytes = DEFAULT_MAX_BYTES }: PageCacheOptions = {}) {
    this.#below = below;
    this.#maxPages = Math.max(2, Math.floor(maxBytes / PAGE_BYTES));
  }

  /** How often the memory below was asked for something. */
  get readsBelow(): number {
    return this.#readsBelow;
  }

  /** How many pages are held now. */
  get keptPages(): number {
    return this.#recent.size + this.#older.size + this.#untouched.size;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const bytes = isLarge({ address, sizeBytes })
      ? this.#fetch([], [{ address, sizeBytes }])[0]
      : this.#readCached(address, sizeBytes);
    if (bytes === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return bytes;
  }

  readView(address: Address, sizeBytes: number, name: string): StructView {
    const number = Math.floor(address / PAGE_BYTES);
    const start = address - number * PAGE_BYTES;
    if (start + sizeBytes > PAGE_BYTES || sizeBytes <= 0)
      return new StructView(this.read(address, sizeBytes), name, address);
    const page = this.#page(number);
    if (page === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return new StructView(page, name, address, { start, sizeBytes });
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    const missing = this.#missingPages(ranges.filter((range) => !isLarge(range)));
    const large = this.#fetch(missing, ranges.filter(isLarge));
    let nextLarge = 0;
    return ranges.map((range) => {
      if (!isLarge(range)) return this.#readCached(range.address, range.sizeBytes);
      nextLarge += 1;
      return large[nextLarge - 1];
    });
  }

  /**
   * Reads all pages of the ranges that are not there yet, in as few system calls as the memory below can. What exceeds
   * half of the cache is left to the reads that want it.
   */
  prefetch(ranges: readonly AddressRange[]): void {
    this.#fetch(this.#missingPages(ranges), []);
  }

  /** The kept pages that were read from, to prefetch them in another look. */
  touchedPages(): readonly AddressRange[] {
    return [...this.#older.keys(), ...this.#recent.keys()].map(pageRange);
  }

  /** All pages that were read from, as they were then; `undefined` when some of what was read is not kept. */
  touchedBytes(): KeptPages | undefined {
    return this.#isPartial ? undefined : new Map([...this.#older, ...this.#recent]);
  }

  /** Tells whether pages that were read from earlier are kept, and hold the same now. */
  holdsSame(pages: KeptPages): boolean {
    for (const [number, before] of pages) {
      const now = this.#recent.get(number) ?? this.#untouched.get(number) ?? this.#older.get(number);
      if (now === undefined || Buffer.compare(now, before) !== 0) return false;
    }
    return true;
  }

  /**
   * Asks a question of what is kept alone, while nothing is read below.
   * @returns `undefined` when it asked for something that is not kept, so that the answer may lack it
   */
  askKept<Answer>(question: () => Answer): Answer | undefined {
    this.#isSealed = true;
    this.#isIncomplete = false;
    this.#missed.clear();
    try {
      const answer = question();
      return this.#isIncomplete ? undefined : answer;
    } catch (error) {
      if (this.#isIncomplete) return undefined;
      throw error;
    } finally {
      this.#isSealed = false;
    }
  }

  /** The pages that the last `askKept()` lacked, as far as it came: to prefetch them in another look. */
  missedPages(): readonly AddressRange[] {
    return [...this.#missed].map(pageRange);
  }

  /** Forgets everything, so that the next reads see the memory as it is then. */
  clear(): void {
    this.#recent.clear();
    this.#older.clear();
    this.#untouched.clear();
    this.#unreadable.clear();
    this.#isPartial = false;
  }

  #readCached(address: number, sizeBytes: number): Uint8Array | undefined {
    const first = Math.floor(address / PAGE_BYTES);
    const start = address - first * PAGE_BYTES;
    if (start + sizeBytes <= PAGE_BYTES && sizeBytes > 0) {
      const page = this.#page(first);
      return page?.subarray(start, start + sizeBytes);
    }
    if (sizeBytes === 0) return new Uint8Array();
    return this.#assemble(first, start, sizeBytes);
  }

  /** Puts together what crosses pages; `undefined` when one of them is not there, or for a size that is none. */
  #assemble(first: number, start: number, sizeBytes: number): Uint8Array | undefined {
    const last = first + Math.ceil((start + sizeBytes) / PAGE_BYTES) - 1;
    if (!(sizeBytes > 0) || last >= PAGE_COUNT) return undefined;
    this.prefetch([{ address: toAddress(first * PAGE_BYTES), sizeBytes: start + sizeBytes }]);
    const whole = new Uint8Array(sizeBytes);
    for (let number = first; number <= last; number += 1) {
      const page = this.#page(number);
      if (page === undefined) return undefined;
      const at = (number - first) * PAGE_BYTES - start;
      whole.set(page.subarray(Math.max(0, -at), sizeBytes - at), Math.max(0, at));
    }
    return whole;
  }

  #page(number: number): Uint8Array | undefined {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent;
    if (this.#unreadable.has(number)) return undefined;
    if (!this.#has(number)) this.#fetch([number], []);
    const page = this.#untouched.get(number) ?? this.#older.get(number);
    if (page === undefined) return undefined;
    this.#untouched.delete(number);
    this.#older.delete(number);
    this.#recent.set(number, page);
    return page;
  }

  #has(number: number): boolean {
    return this.#recent.has(number) || this.#untouched.has(number) || this.#older.has(number);
  }

  /** The pages of the ranges that are neither here nor known to be unreadable; at most half of what is kept. */
  #missingPages(ranges: readonly AddressRange[]): readonly number[] {
    const most = Math.floor(this.#maxPages / 2);
    const missing = new Set<number>();
    for (const { address, sizeBytes } of ranges) {
      if (!(sizeBytes > 0)) continue;
      const end = Math.min(PAGE_COUNT, Math.ceil((address + sizeBytes) / PAGE_BYTES));
      for (let number = Math.floor(address / PAGE_BYTES); number < end; number += 1) {
        if (this.#has(number) || this.#unreadable.has(number)) continue;
        if (missing.size === most) return [...missing];
        missing.add(number);
      }
    }
    return [...missing];
  }

  /** Asks the memory below once, for pages to keep and for ranges to hand on. */
  #fetch(numbers: readonly number[], ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    if (numbers.length + ranges.length === 0) return [];
    if (this.#isSealed) {
      this.#isIncomplete = true;
      for (const number of numbers) this.#missed.add(number);
      return ranges.map(() => undefined);
    }
    this.#readsBelow += 1;
    if (ranges.length > 0) this.#isPartial = true;
    const answers = this.#below.readMany([...numbers.map(pageRange), ...ranges]);
    this.#makeRoom(numbers.length);
    for (const [index, number] of numbers.entries()) {
      const page = answers[index];
      if (page === undefined) this.#unreadable.add(number);
      else this.#untouched.set(number, page);
    }
    return answers.slice(numbers.length);
  }

  /** Drops what has not been used for longest: first pages of long ago, then what nobody came for. */
  #makeRoom(count: number): void {
    if (this.#unreadable.size > this.#maxPages) this.#unreadable.clear();
    if (this.#recent.size + count > this.#maxPages / 2) {
      this.#replaceOlder(this.#recent);
      this.#recent = new Map();
    }
    if (this.keptPages + count > this.#maxPages) this.#replaceOlder(new Map());
    if (this.keptPages + count > this.#maxPages) this.#untouched = new Map();
  }

  #replaceOlder(pages: Map<number, Uint8Array>): void {
    if (this.#older.size > 0) this.#isPartial = true;
    this.#older = pages;
  }
}

function isLarge({ sizeBytes }: AddressRange): boolean {
  return sizeBytes > LARGEST_CACHED_BYTES;
}

function pageRange(number: number): AddressRange {
  return { address: toAddress(number * PAGE_BYTES), sizeBytes: PAGE_BYTES };
}
