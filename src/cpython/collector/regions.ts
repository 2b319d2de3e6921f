import type { AddressRange } from '../../base/address.ts';

/** Stretches of an address space, to be asked millions of times whether something lies in them. */
export class Regions {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  #last = 0;

  /** Takes ranges that do not overlap, in any order. */
  constructor(ranges: readonly AddressRange[]) {
    const sorted = ranges.toSorted((a, b) => a.address - b.address);
    this.#starts = Float64Array.from(sorted, ({ address }) => address);
    this.#ends = Float64Array.from(sorted, ({ address, sizeBytes }) => address + sizeBytes);
  }

  /** How much they hold together. */
  get sizeBytes(): number {
    return this.#ends.reduce((sum, end, at) => sum + end - (this.#starts[at] ?? 0), 0);
  }

  /** Whether an address lies in one of them. */
  has(address: number): boolean {
    if (this.#holds(this.#last, address)) return true;
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    if (!this.#holds(low - 1, address)) return false;
    this.#last = low - 1;
    return true;
  }

  #holds(at: number, address: number): boolean {
    return address >= (this.#starts[at] ?? Number.POSITIVE_INFINITY) && address < (this.#ends[at] ?? 0);
  }
}
