import type { CodeRanges } from './code-ranges.ts';
import type { SymbolColumns } from './symbol-columns.ts';

/** Parts of equal width that the space between the lowest and the highest address is divided into, for each address. */
const PARTS_PER_ADDRESS = 4;
const MAX_PARTS = 2 ** 16;

/** Entry 0 of a table is never a symbol. */
const NONE = 0;

/** What the entries of a table are judged by. */
export interface FunctionSearchSources {
  readonly columns: SymbolColumns;
  readonly ranges: CodeRanges;
  /** Tells of an entry whether it goes before others of the same kind at its place. */
  readonly isPreferred: (index: number) => boolean;
}

/** The entry of a table that covers an address. */
export interface CoveringEntry {
  readonly address: number;
  readonly index: number;
  readonly sizeBytes: number;
}

/**
 * Looks once through a symbol table for the functions that cover some addresses. What is known of the address with
 * number `k`, in ascending order, is what begins between the one before and it.
 */
export class FunctionSearch {
  readonly #sources: FunctionSearchSources;
  readonly #wanted: Float64Array;
  readonly #lowest: number;
  readonly #partsPerByte: number;
  /** For each part the number of the first address in it or behind it. */
  readonly #firstOfPart: Uint32Array;
  /** The innermost entry that covers an address, and where it begins. */
  readonly #covering: Uint32Array;
  readonly #coveringStarts: Float64Array;
  /** The last entry that begins at or before an address, and where. */
  readonly #last: Uint32Array;
  readonly #lastStarts: Float64Array;
  /** Where the first begins, and the highest end of any that begins there. */
  readonly #firstStarts: Float64Array;
  readonly #ends: Float64Array;

  constructor(addresses: Iterable<number>, sources: FunctionSearchSources) {
    this.#sources = sources;
    this.#wanted = Float64Array.from(new Set(addresses)).sort();
    const { length } = this.#wanted;
    this.#lowest = this.#wanted[0] ?? 0;
    this.#firstOfPart = new Uint32Array(Math.min(PARTS_PER_ADDRESS * length, MAX_PARTS));
    this.#partsPerByte = this.#firstOfPart.length / ((this.#wanted[length - 1] ?? 0) - this.#lowest + 1);
    this.#covering = new Uint32Array(length);
    this.#coveringStarts = new Float64Array(length);
    // What begins behind the last address ends one without a size before it.
    this.#last = new Uint32Array(length + 1);
    this.#lastStarts = new Float64Array(length + 1);
    this.#firstStarts = new Float64Array(length + 1).fill(Number.POSITIVE_INFINITY);
    this.#ends = new Float64Array(length + 1);
    for (let part = 0, k = 0; part < this.#firstOfPart.length; part += 1) {
      while (k < length && this.#partOf(this.#wanted[k] ?? 0) < part) k += 1;
      this.#firstOfPart[part] = k;
    }
  }

  /** Tells for each address that a function covers which one that is. */
  *run(): Generator<CoveringEntry> {
    const { columns, ranges } = this.#sources;
    columns.visitFunctions(ranges, (index, start) => this.#see(index, start));
    let last = NONE;
    let lastStart = 0;
    let highestEnd = 0;
    for (const [k, address] of this.#wanted.entries()) {
      if (this.#last[k] !== NONE) {
        last = this.#last[k] ?? NONE;
        lastStart = this.#lastStarts[k] ?? 0;
      }
      highestEnd = Math.max(highestEnd, this.#ends[k] ?? 0);
      const index = this.#covering[k] ?? NONE;
      if (index !== NONE) {
        yield { address, index, sizeBytes: columns.sizeOf(index) };
        continue;
      }
      // One without a size reaches up to the next; inside of another function it is a label of that.
      if (last === NONE || highestEnd > lastStart) continue;
      const end = Math.min(this.#nextStart(k), ranges.endAt(lastStart) ?? lastStart);
      if (address < end) yield { address, index: last, sizeBytes: end - lastStart };
    }
  }

  /** Takes in an entry that begins at an address. */
  #see(index: number, start: number): void {
    const wanted = this.#wanted;
    let k = this.#firstOfPart[this.#partOf(start)] ?? 0;
    while (k < wanted.length && (wanted[k] ?? 0) < start) k += 1;
    if (start < (this.#firstStarts[k] ?? 0)) this.#firstStarts[k] = start;
    if (k === wanted.length) return;
    if (start >= (this.#lastStarts[k] ?? 0)) this.#offer(this.#last, this.#lastStarts, k, { index, start });
    const end = start + this.#sources.columns.sizeOf(index);
    if (end > (this.#ends[k] ?? 0)) this.#ends[k] = end;
    for (; k < wanted.length && (wanted[k] ?? 0) < end; k += 1)
      this.#offer(this.#covering, this.#coveringStarts, k, { index, start });
  }

  /** Keeps the entry for an address that begins last, and of several there the best name. */
  #offer(
    kept: Uint32Array,
    starts: Float64Array,
    k: number,
    { index, start }: { readonly index: number; readonly start: number },
  ): void {
    const { columns, isPreferred } = this.#sources;
    const rival = kept[k] ?? NONE;
    const rivalStart = starts[k] ?? 0;
    if (rival !== NONE && start < rivalStart) return;
    if (rival !== NONE && start === rivalStart && columns.compare(index, rival, isPreferred) <= 0) return;
    kept[k] = index;
    starts[k] = start;
  }

  /** Where the first entry begins behind an address. */
  #nextStart(k: number): number {
    return this.#firstStarts.subarray(k + 1).find(Number.isFinite) ?? Number.POSITIVE_INFINITY;
  }

  #partOf(address: number): number {
    const part = Math.floor((address - this.#lowest) * this.#partsPerByte);
    return Math.max(0, Math.min(part, this.#firstOfPart.length - 1));
  }
}
