import type { RangeReader } from '../../base/ports.ts';

/** The size of a page of memory. */
export const PAGE_BYTES = 4096;

/** The number of the page on which an address lies. */
export function pageOf(address: number): number {
  return Math.floor(address / PAGE_BYTES);
}

/** How many pages are read first, and may be read twice: those of the innermost frames, which change while they are read. */
const FIRST_PAGES = 8;
/** After so many walks the pages that none of them came over are given up. */
const WALKS_PER_REVIEW = 256;

/** The answer of {@link StackPages.offsetOf} for memory that was not read. */
export const NOT_READ = -1;

/** No address lies on it, nor 4 KiB before or behind. */
const NO_PAGE = Number.NEGATIVE_INFINITY;

/**
 * The pages of memory on which the frames of one thread lie, those of the innermost frames first. They are read whole: a
 * page costs little more than a word of it, and the next frames will mostly lie on them again.
 */
export class StackPages {
  /** Page numbers, innermost first. */
  #numbers: number[] = [];
  /** Which of them has a number. */
  #indexes = new Map<number, number>();
  readonly #isReadTwice: boolean;
  #firstCopy = 0;
  #secondCopy = 0;
  #endOfFirst = 0;
  /** The page that was asked for last: nearly always that of the next question too. */
  #page = NO_PAGE;
  #offset = 0;
  /** The pages that a walk came over, in its order. */
  #visited: number[] = [];
  /** Those of all walks since the last review. */
  #used = new Set<number>();
  #walks = 0;

  /** @param isReadTwice the pages of the innermost frames are read before and after something else */
  constructor(isReadTwice: boolean) {
    this.#isReadTwice = isReadTwice;
  }

  get count(): number {
    return this.#numbers.length;
  }

  /** Plans the pages of the innermost frames. */
  planFirst(reader: RangeReader): void {
    const count = Math.min(FIRST_PAGES, this.#numbers.length);
    this.#firstCopy = this.#plan(reader, 0, count);
    this.#endOfFirst = this.#firstCopy + count * PAGE_BYTES;
  }

  /** Plans the other pages, and those a second time where that is wanted. */
  planRest(reader: RangeReader): void {
    const from = this.#isReadTwice ? 0 : Math.min(FIRST_PAGES, this.#numbers.length);
    this.#secondCopy = this.#plan(reader, from, this.#numbers.length) - from * PAGE_BYTES;
  }

  /** Whether the page of an address is among them. */
  has(address: number): boolean {
    return this.#indexes.has(pageOf(address));
  }

  /** Says that a walk begins at the innermost frame. */
  beginWalk(): void {
    this.#page = NO_PAGE;
    this.#visited = [];
  }

  /** Where in the buffer a word of the target is; {@link NOT_READ} when its page is not among those that were read. */
  offsetOf(address: number): number {
    const page = pageOf(address);
    if (page !== this.#page) {
      const index = this.#indexes.get(page);
      if (index === undefined) return NOT_READ;
      this.#page = page;
      this.#offset = (index < FIRST_PAGES ? this.#firstCopy : this.#secondCopy) + index * PAGE_BYTES;
      this.#visited.push(page);
    }
    return this.#offset + (address - page * PAGE_BYTES);
  }

  /** Where in the buffer a struct is that lies on the page that was asked for last; {@link NOT_READ} for any other. */
  offsetOnSamePage(address: number, sizeBytes: number): number {
    const at = address - this.#page * PAGE_BYTES;
    return at >= 0 && at + sizeBytes <= PAGE_BYTES ? this.#offset + at : NOT_READ;
  }

  /** Where the second copy of a word is whose first is at `offset`; the same place for what was read once. */
  secondOf(offset: number): number {
    return this.#isReadTwice && offset < this.#endOfFirst
      ? offset - this.#firstCopy + this.#secondCopy
      : offset;
  }

  /** Says that a walk has come to the outermost frame: from time to time the pages that none needs are left out. */
  endWalk(): void {
    for (const page of this.#visited) this.#used.add(page);
    this.#walks += 1;
    const [innermost] = this.#visited;
    const isRanked = innermost === undefined || this.#numbers.indexOf(innermost) < FIRST_PAGES;
    if (this.#walks < WALKS_PER_REVIEW && isRanked) return;
    const kept = this.#walks < WALKS_PER_REVIEW ? this.#numbers : this.#used;
    this.#take([...this.#visited, ...kept]);
    this.#used = new Set(this.#visited);
    this.#walks = 0;
  }

  /** Adds pages that a walk came to and did not find: behind those that it has visited. */
  add(pages: Iterable<number>): void {
    this.#take([...this.#visited, ...pages, ...this.#numbers]);
  }

  /** Takes these pages in the place of all others: innermost first. */
  replace(pages: Iterable<number>): void {
    this.#take(pages);
    this.#used.clear();
    this.#walks = 0;
  }

  #take(numbers: Iterable<number>): void {
    this.#numbers = [...new Set(numbers)];
    this.#indexes = new Map(this.#numbers.map((number, index) => [number, index]));
  }

  /** Plans some of the pages, one behind the other in the buffer; answers where the first will be. */
  #plan(reader: RangeReader, from: number, end: number): number {
    let first = 0;
    for (let at = from; at < end; at += 1) {
      const offset = reader.plan((this.#numbers[at] ?? 0) * PAGE_BYTES, PAGE_BYTES);
      if (at === from) first = offset;
    }
    return first;
  }
}
