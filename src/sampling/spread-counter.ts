import type { Spread } from '../profile/profile.ts';

/** Parts of each power of two: a quantile is off by a sixteenth at most. */
const PARTS = 16;
const POWERS = 48;

/** Counts how long something took, in buckets that grow with the time: memory does not grow with the number of times. */
export class SpreadCounter {
  readonly #buckets = new Float64Array(PARTS * POWERS);
  #count = 0;
  #mostNs = 0;

  add(ns: number): void {
    const time = Math.max(1, ns);
    const power = Math.floor(Math.log2(time));
    const part = Math.floor((time / 2 ** power - 1) * PARTS);
    const bucket = Math.min(this.#buckets.length - 1, power * PARTS + part);
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

function middleOf(bucket: number): number {
  const power = Math.floor(bucket / PARTS);
  return Math.round(2 ** power * (1 + ((bucket % PARTS) + 0.5) / PARTS));
}
