/**
 * When sweeps are due: time is divided into slots of one interval, and in each slot one sweep is due at a moment that chance
 * picks. So the rate is exact, and no timer of the program can fall between the looks for long.
 */
export class Schedule {
  readonly #beganNs: number;
  readonly #intervalNs: number;
  readonly #random: () => number;
  #slot = 0;
  /** Slots that went by without a sweep. */
  missed = 0;
  dueNs: number;

  /** @param random answers a number from 0 to 1, as Math.random() does */
  constructor(beganNs: number, intervalNs: number, random: () => number) {
    this.#beganNs = beganNs;
    this.#intervalNs = intervalNs;
    this.#random = random;
    this.dueNs = beganNs + random() * intervalNs;
  }

  /** Plans the sweep after one that has just ended: in the next slot, or in the one that has begun meanwhile. */
  advance(nowNs: number): void {
    const running = Math.floor((nowNs - this.#beganNs) / this.#intervalNs);
    const next = this.#slot + 1;
    this.missed += Math.max(0, running - next);
    this.#slot = Math.max(next, running);
    this.dueNs = this.#beganNs + (this.#slot + this.#random()) * this.#intervalNs;
  }
}
