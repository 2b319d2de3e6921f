import { MalformedInputError } from '../../base/errors.ts';
import type { BoundedCache, Slot } from './bounded-cache.ts';
import type { DebugSection } from './debug-sections.ts';

/** A unit header costs one page, a unit some tens of them: 16 KiB are read in about 5 µs. */
const PAGE_BYTES = 16 << 10;

/** What a page takes besides its bytes, about. */
const PLACE_BYTES = 500;

/** A section that is read by pages, which a cache keeps as long as it has room; a compressed one has a single page. */
export class PagedSection {
  /** What to call it in a message. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly #pageBytes: number;
  readonly #cache: BoundedCache;
  readonly #pages = new Map<number, Slot<Uint8Array>>();
  readonly #read: (offset: number, sizeBytes: number) => Uint8Array;

  constructor(section: DebugSection, cache: BoundedCache) {
    this.#cache = section.isCompressed ? cache.large : cache;
    this.name = section.name;
    if (section.isCompressed) {
      // Decompresses all of it. What was dropped is not kept by a weak reference: that holds to the end of the job.
      this.#read = () => section.load();
      this.#pageBytes = Number.MAX_SAFE_INTEGER;
      this.sizeBytes = this.#page(0).length;
    } else {
      this.#read = (offset, sizeBytes) => section.read(offset, sizeBytes);
      this.#pageBytes = PAGE_BYTES;
      this.sizeBytes = section.sizeBytes;
    }
  }

  /**
   * Gives the bytes from `offset` to the end of a page, or just the bytes wanted where they lie on several pages.
   * @throws {MalformedInputError} when the section ends before them
   */
  bytesFrom(offset: number, wantedBytes: number): Uint8Array {
    const left = this.sizeBytes - offset;
    if (!(left >= wantedBytes && offset >= 0))
      throw new MalformedInputError(
        this.name,
        offset,
        `${wantedBytes} bytes wanted, ${Math.max(0, left)} left`,
      );
    const number = Math.floor(offset / this.#pageBytes);
    const start = offset - number * this.#pageBytes;
    // Nobody asks a second time for what is longer than a page.
    if (wantedBytes > this.#pageBytes) return this.#read(offset, wantedBytes);
    const page = this.#page(number);
    if (page.length - start >= wantedBytes) return page.subarray(start);
    return this.#joined(offset, wantedBytes);
  }

  #joined(offset: number, sizeBytes: number): Uint8Array {
    const joined = new Uint8Array(sizeBytes);
    let filled = 0;
    while (filled < sizeBytes) {
      const at = offset + filled;
      const number = Math.floor(at / this.#pageBytes);
      const start = at - number * this.#pageBytes;
      const part = this.#page(number).subarray(start, start + sizeBytes - filled);
      joined.set(part, filled);
      filled += part.length;
    }
    return joined;
  }

  #page(number: number): Uint8Array {
    let slot = this.#pages.get(number);
    if (slot === undefined) {
      const offset = number * this.#pageBytes;
      slot = this.#cache.slot(
        () => this.#read(offset, Math.min(this.#pageBytes, this.sizeBytes - offset)),
        (page) => page.length + PLACE_BYTES,
        () => this.#pages.delete(number),
      );
      this.#pages.set(number, slot);
    }
    return slot.get();
  }
}
