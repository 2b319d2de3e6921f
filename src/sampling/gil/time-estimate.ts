import type { EstimatedTime } from '../../model/gil-report.ts';

/** Standard deviations within which 95 of 100 lie. */
const DEVIATIONS = 1.96;

/**
 * The time that something was so, from looks at moments that chance picked: all of the time between two looks that both found it
 * so, half of the time between two that differ. That half is wrong by anything up to itself, all alike: its variance is a twelfth of the square of the whole.
 */
export class TimeEstimate {
  #ns = 0;
  #variance = 0;

  /** Takes the time between two looks. */
  add(ns: number, wasSo: boolean, isSo: boolean): void {
    if (wasSo && isSo) this.#ns += ns;
    else if (wasSo || isSo) {
      this.#ns += ns / 2;
      this.#variance += ns ** 2 / 12;
    }
  }

  /** Answers what came together, and begins anew. */
  take(): EstimatedTime {
    const estimate = { ns: this.#ns, errorNs: DEVIATIONS * Math.sqrt(this.#variance) };
    this.#ns = 0;
    this.#variance = 0;
    return estimate;
  }
}
