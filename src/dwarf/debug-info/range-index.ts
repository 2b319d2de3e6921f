import { lastAtOrBefore } from '../../base/sorted-search.ts';

/** So often an index is looked through from end to end before it is worth sorting it: most are asked a few times. */
const SEARCHES_BEFORE_SORTING = 16;

/** Ranges of addresses with a number each; they may overlap. */
export class RangeIndex {
  readonly #ranges: RangeList;
  #sorted: SortedRanges | undefined;
  #searches = 0;

  constructor(ranges: RangeList) {
    this.#ranges = ranges;
  }

  get count(): number {
    return this.#ranges.starts.length;
  }

  get sizeBytes(): number {
    return this.count * 64 + 64;
  }

  /** The numbers of the ranges that hold an address, that of the shortest range first, each number once. */
  find(address: number): readonly number[] {
    const { starts, ends, values } = this.#ranges;
    const found = this.#rangesOver(address);
    if (found.length > 1) {
      const sizeOf = (index: number): number => (ends[index] ?? 0) - (starts[index] ?? 0);
      found.sort(
        (one, other) =>
          sizeOf(one) - sizeOf(other) || (starts[other] ?? 0) - (starts[one] ?? 0) || other - one,
      );
    }
    return [...new Set(found.map((index) => values[index] ?? 0))];
  }

  #rangesOver(address: number): number[] {
    if (this.#sorted !== undefined) return this.#sorted.over(address);
    this.#searches += 1;
    if (this.#searches > SEARCHES_BEFORE_SORTING) {
      this.#sorted = new SortedRanges(this.#ranges);
      return this.#sorted.over(address);
    }
    const { starts, ends } = this.#ranges;
    const found: number[] = [];
    for (let index = 0; index < starts.length; index += 1) {
      if ((starts[index] ?? 0) <= address && (ends[index] ?? 0) > address) found.push(index);
    }
    return found;
  }
}

/** The places of ranges in a list, sorted by where they begin. */
class SortedRanges {
  readonly #order: Uint32Array;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** The highest end of all ranges up to each one, which tells how far back a range over an address may begin. */
  readonly #highestEnds: Float64Array;

  constructor({ starts, ends }: RangeList) {
    const { length } = starts;
    this.#order = Uint32Array.from({ length }, (_, index) => index).sort(
      (one, other) => (starts[one] ?? 0) - (starts[other] ?? 0),
    );
    this.#starts = new Float64Array(length);
    this.#ends = new Float64Array(length);
    this.#highestEnds = new Float64Array(length);
    let highest = 0;
    for (let at = 0; at < length; at += 1) {
      const index = this.#order[at] ?? 0;
      const end = ends[index] ?? 0;
      highest = Math.max(highest, end);
      this.#starts[at] = starts[index] ?? 0;
      this.#ends[at] = end;
      this.#highestEnds[at] = highest;
    }
  }

  /** The places of the ranges that hold an address. */
  over(address: number): number[] {
    const found: number[] = [];
    for (let at = lastAtOrBefore(this.#starts, address); at >= 0; at -= 1) {
      if ((this.#highestEnds[at] ?? 0) <= address) break;
      if ((this.#ends[at] ?? 0) > address) found.push(this.#order[at] ?? 0);
    }
    return found;
  }
}

/** Ranges as they are found. */
export class RangeList {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly values: number[] = [];

  /**
   * Adds the range from `start` up to `end`. Empty ones are left out, and those at address 0 or above all user
   * addresses: linkers leave these marks where they discarded the code (`--gc-sections`).
   */
  add(start: number, end: number, value: number): void {
    if (!isCode(start, end)) return;
    this.starts.push(start);
    this.ends.push(end);
    this.values.push(value);
  }
}

/** Tells whether a range can be code that was kept; see {@link RangeList.add}. */
export function isCode(start: number, end: number): boolean {
  return start > 0 && end > start && start <= Number.MAX_SAFE_INTEGER;
}
