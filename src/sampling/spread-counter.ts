import type { Spread } from '../profile/profile.ts';

/** Parts of each power of two: a quantile is off by a sixteenth at most. */
const PART_BITS = 4;
const PARTS = 2 ** PART_BITS;
const POWERS = 48;
/** Where the power of two is in the upper half of a double (IEEE 754 binary64), and what it says of 2⁰. */
const POWER_SHIFT = 20;
const POWER_BIAS = 1023;

const double = new Float64Array(1);
/** The same as two halves: the upper is the second, as on all machines that we run on. */
const halves = new Uint32Array(double.buffer);

/** Counts how long something took, in buckets that grow with the time: memory does not grow with the number of times. */
export class SpreadCounter {
  readonly #buckets = new Float64Array(PARTS * POWERS);
  #count = 0;
  #mostNs = 0;

  add(ns: number): void {
    const bucket = Math.min(this.#buckets.length - 1, bucketOf(Math.max(1, ns)));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ns > this.#mostNs) this.#mostNs = ns;
  }

  get spread(): Spread {
    return { medianNs: this.#quantile(0.5), p99Ns: this.#quantile(0.99), mostNs: this.#mostNs };
  }

  #quantile(share: number): number {
    let left = this.#count * share;
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.min(this.#mostNs, middleOf(bucket));
    }
    return 0;
  }
}

/** A double holds its power of two and, in the bits behind, which part of it: that is taken as it is, without logarithms. */
function bucketOf(ns: number): number {
  double[0] = ns;
  return ((halves[1] ?? 0) >>> (POWER_SHIFT - PART_BITS)) - POWER_BIAS * PARTS;
}

function middleOf(bucket: number): number {
  const power = Math.floor(bucket / PARTS);
  return Math.round(2 ** power * (1 + ((bucket % PARTS) + 0.5) / PARTS));
}
