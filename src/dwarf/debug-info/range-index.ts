/** Ranges of addresses with a number each, sorted by where they begin; they may overlap. */
export class RangeIndex {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #values: Float64Array;
  /** The highest end of all ranges up to each one, which tells how far back a range over an address may begin. */
  readonly #highestEnds: Float64Array;

  constructor(ranges: RangeList) {
    const order = ranges.order();
    const { length } = order;
    this.#starts = new Float64Array(length);
    this.#ends = new Float64Array(length);
    this.#values = new Float64Array(length);
    this.#highestEnds = new Float64Array(length);
    let highest = 0;
    for (let at = 0; at < length; at += 1) {
      const index = order[at] ?? 0;
      const end = ranges.ends[index] ?? 0;
      if (end > highest) highest = end;
      this.#starts[at] = ranges.starts[index] ?? 0;
      this.#ends[at] = end;
      this.#values[at] = ranges.values[index] ?? 0;
      this.#highestEnds[at] = highest;
    }
  }

  get count(): number {
    return this.#starts.length;
  }

  get sizeBytes(): number {
    return this.#starts.length * 32 + 64;
  }

  /** The numbers of the ranges that hold an address, that of the shortest range first, each number once. */
  find(address: number): readonly number[] {
    const found: number[] = [];
    for (let index = this.#lastBefore(address); index >= 0; index -= 1) {
      if ((this.#highestEnds[index] ?? 0) <= address) break;
      if ((this.#ends[index] ?? 0) > address) found.push(index);
    }
    const sizeOf = (index: number): number => (this.#ends[index] ?? 0) - (this.#starts[index] ?? 0);
    const sorted = found.length > 1 ? found.sort((one, other) => sizeOf(one) - sizeOf(other)) : found;
    return [...new Set(sorted.map((index) => this.#values[index] ?? 0))];
  }

  /** The last range that begins at or before an address; -1 when there is none. */
  #lastBefore(address: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Ranges as they are found, before they are sorted. */
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

  /** The indices in the order of the starts. */
  order(): Uint32Array {
    const { starts } = this;
    const order = new Uint32Array(starts.length);
    let isSorted = true;
    for (let index = 0; index < order.length; index += 1) {
      order[index] = index;
      if (index > 0 && (starts[index] ?? 0) < (starts[index - 1] ?? 0)) isSorted = false;
    }
    return isSorted
      ? order
      : order.sort((one, other) => (starts[one] ?? 0) - (starts[other] ?? 0) || one - other);
  }
}

/** Tells whether a range can be code that was kept; see {@link RangeList.add}. */
export function isCode(start: number, end: number): boolean {
  return start > 0 && end > start && start <= Number.MAX_SAFE_INTEGER;
}
