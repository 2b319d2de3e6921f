import {
  type Address,
  type AddressRange,
  END_OF_USER_SPACE,
  isAddress,
  toAddress,
  WORD_BYTES,
} from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';

/** More than a page cache keeps of its own, and little enough for most of it to be heap. */
const CHUNK_BYTES = 128 * 1024;
const PAGE_BYTES = 4096;
/** 1 GiB; a larger heap is read again where it is needed again. */
const MOST_BYTES = 2 ** 30;
/** Pieces that are found without asking the Map, each at the place that its number says; a power of 2. */
const RECENT_COUNT = 4096;
const RECENT_MASK = RECENT_COUNT - 1;
/** How much of it is forgotten at once when there is no more room. */
const DROPPED_SHARE = 1 / 8;
/** Chunks asked for in one call. */
const CHUNKS_PER_READ = 32;

/** The upper half of a pointer into user space. */
const HIGHEST = END_OF_USER_SPACE / 2 ** 32 - 1;
const NO_HIGH = HIGHEST + 1;

/** A word that is no pointer into user space, or lies where nothing is mapped. */
export const NO_WORD = -1;

/** Told of each word that may be a pointer to an object, which it need not be. */
export type NoteWord = (word: number) => void;

/**
 * The words of a heap, copied by large pieces: to read a million objects one by one costs a second of system calls, their
 * memory as a whole 50 ms. Measured with a million objects in 114 MB on 3.11.
 */
export class HeapWords {
  readonly #memory: Memory;
  readonly #mostChunks: number;
  #chunks = new Map<number, Uint32Array>();
  readonly #recentNumbers = new Float64Array(RECENT_COUNT).fill(-1);
  readonly #recent: Uint32Array[] = new Array<Uint32Array>(RECENT_COUNT).fill(NOTHING);
  /** The pages of the pieces that are not mapped, by their numbers. */
  readonly #holes = new Set<number>();
  #readCount = 0;
  #isWhole = true;

  constructor(memory: Memory, mostBytes = MOST_BYTES) {
    this.#memory = memory;
    this.#mostChunks = mostBytes / CHUNK_BYTES;
  }

  /** How many pieces were read since the last `load()`, one by one. */
  get readCount(): number {
    return this.#readCount;
  }

  /** Whether all that was read since the last `load()` is kept. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** How much memory the pieces take. */
  get sizeBytes(): number {
    return this.#chunks.size * CHUNK_BYTES;
  }

  /** The pieces that were read, to load them at once in another look. */
  get ranges(): readonly AddressRange[] {
    return [...this.#chunks.keys()].map(chunkRange);
  }

  /** Copies these pieces anew and forgets all others. */
  load(ranges: readonly AddressRange[]): void {
    this.#chunks = new Map();
    this.#holes.clear();
    this.#forgetRecent();
    this.#isWhole = true;
    for (let done = 0; done < ranges.length; done += CHUNKS_PER_READ) {
      const some = ranges.slice(done, done + CHUNKS_PER_READ);
      for (const [index, bytes] of this.#memory.readMany(some).entries()) {
        const number = Math.floor((some[index]?.address ?? 0) / CHUNK_BYTES);
        this.#chunks.set(number, bytes === undefined ? this.#readPages(number) : wordsOf(bytes));
      }
    }
    this.#readCount = 0;
  }

  /** Forgets the pieces that were read first: who goes through a heap seldom comes back to them. */
  #makeRoom(): void {
    let left = this.#mostChunks * DROPPED_SHARE;
    for (const number of this.#chunks.keys()) {
      if (left <= 0) break;
      this.#chunks.delete(number);
      left -= 1;
    }
    this.#forgetRecent();
    this.#isWhole = false;
  }

  #forgetRecent(): void {
    this.#recentNumbers.fill(-1);
    this.#recent.fill(NOTHING);
  }

  /** Reads the piece around an address again. */
  refresh(address: number): void {
    const number = Math.floor(address / CHUNK_BYTES);
    this.#chunks.delete(number);
    this.#recentNumbers[number & RECENT_MASK] = -1;
  }

  /** The pointer or small number at an aligned address; {@link NO_WORD} for what cannot be one. */
  word(address: number): number {
    const number = Math.floor(address / CHUNK_BYTES);
    const chunk = this.#chunk(number);
    const at = (address - number * CHUNK_BYTES) >>> 2;
    const high = chunk[at + 1];
    if (high === undefined || high > HIGHEST) return NO_WORD;
    return high * 2 ** 32 + (chunk[at] ?? 0);
  }

  /**
   * Tells of each word of a row that can be a pointer to something aligned. Most words are none, and to look each up by itself
   * takes twice as long.
   */
  visit(start: number, count: number, note: NoteWord): void {
    for (let done = 0; done < count; ) {
      const address = start + done * WORD_BYTES;
      const number = Math.floor(address / CHUNK_BYTES);
      const chunk = this.#chunk(number);
      const first = (address - number * CHUNK_BYTES) >>> 2;
      const last = Math.min(first + (count - done) * 2, CHUNK_BYTES / 4);
      for (let at = first; at < last; at += 2) {
        const low = chunk[at] ?? 0;
        const high = chunk[at + 1] ?? NO_HIGH;
        if (high <= HIGHEST && (low & 7) === 0 && (high !== 0 || low >= PAGE_BYTES))
          note(high * 2 ** 32 + low);
      }
      done += Math.max(1, (last - first) >>> 1);
    }
  }

  /** The 32 bits at an address that is a multiple of 4 but for its low bits. */
  half(address: number): number {
    const number = Math.floor(address / CHUNK_BYTES);
    const chunk = this.#chunk(number);
    return chunk[(address - number * CHUNK_BYTES) >>> 2] ?? 0;
  }

  /** A byte. */
  byte(address: number): number {
    return (this.half(address) >>> ((address & 3) * 8)) & 0xff;
  }

  /** Bytes as they are here; `undefined` where nothing is mapped. */
  bytes(address: number, sizeBytes: number): Uint8Array | undefined {
    if (!isAddress(address + sizeBytes)) return undefined;
    const copy = new Uint8Array(sizeBytes);
    for (let done = 0; done < sizeBytes; ) {
      const number = Math.floor((address + done) / CHUNK_BYTES);
      const at = address + done - number * CHUNK_BYTES;
      const chunk = this.#chunk(number);
      if (chunk.length === 0 || this.#hasHole(address + done, sizeBytes - done)) return undefined;
      const size = Math.min(sizeBytes - done, CHUNK_BYTES - at);
      copy.set(new Uint8Array(chunk.buffer, chunk.byteOffset + at, size), done);
      done += size;
    }
    return copy;
  }

  /** Whether a part of some bytes is not mapped, as far as the piece goes in which they begin. */
  #hasHole(address: number, sizeBytes: number): boolean {
    if (this.#holes.size === 0) return false;
    const last = Math.min(address + sizeBytes - 1, address - (address % CHUNK_BYTES) + CHUNK_BYTES - 1);
    for (let page = Math.floor(address / PAGE_BYTES); page <= last / PAGE_BYTES; page += 1)
      if (this.#holes.has(page)) return true;
    return false;
  }

  /** A whole number of 64 bits, exact to 2^53. */
  signed(address: number): number {
    return (this.half(address + 4) | 0) * 2 ** 32 + this.half(address);
  }

  /** The same without its two low bits, in which the collector keeps marks. */
  pointer(address: number): number {
    const word = this.word(address);
    return word === NO_WORD ? NO_WORD : word - (word & 3);
  }

  #chunk(number: number): Uint32Array {
    const place = number & RECENT_MASK;
    const chunk = this.#recentNumbers[place] === number ? this.#recent[place] : undefined;
    return chunk ?? this.#chunkAfar(number, place);
  }

  #chunkAfar(number: number, place: number): Uint32Array {
    const chunk = this.#chunks.get(number) ?? this.#keep(number);
    this.#recentNumbers[place] = number;
    this.#recent[place] = chunk;
    return chunk;
  }

  #keep(number: number): Uint32Array {
    const chunk = this.#readChunk(number);
    this.#readCount += 1;
    if (this.#chunks.size >= this.#mostChunks) this.#makeRoom();
    this.#chunks.set(number, chunk);
    return chunk;
  }

  #readChunk(number: number): Uint32Array {
    if (!isAddress((number + 1) * CHUNK_BYTES)) return NOTHING;
    if (this.#holes.size > 0) for (const page of pagesOf(number)) this.#holes.delete(page);
    const [bytes] = this.#memory.readMany([chunkRange(number)]);
    return bytes === undefined ? this.#readPages(number) : wordsOf(bytes);
  }

  /** At the edge of what is mapped; what is not has all bits set, as no pointer has. */
  #readPages(number: number): Uint32Array {
    const pages = pagesOf(number);
    const ranges = pages.map((page) => ({ address: toAddress(page * PAGE_BYTES), sizeBytes: PAGE_BYTES }));
    const chunk = new Uint8Array(CHUNK_BYTES).fill(0xff);
    for (const [at, bytes] of this.#memory.readMany(ranges).entries())
      if (bytes === undefined) this.#holes.add(pages[at] ?? 0);
      else chunk.set(bytes, at * PAGE_BYTES);
    return wordsOf(chunk);
  }
}

const NOTHING = new Uint32Array();

function pagesOf(chunk: number): readonly number[] {
  const count = CHUNK_BYTES / PAGE_BYTES;
  return Array.from({ length: count }, (_, at) => chunk * count + at);
}

function chunkRange(number: number): AddressRange {
  const address: Address = toAddress(number * CHUNK_BYTES);
  return { address, sizeBytes: CHUNK_BYTES };
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
}
