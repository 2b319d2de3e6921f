import { LiveMoment, SPAN_COUNTS, type SpanCounts } from './live-moment.ts';
import type { Profile, ProfiledThread, SamplingAccount } from './profile.ts';
import { WeightLedger } from './weight-ledger.ts';

const NOTHING: SpanCounts = {
  durationNs: 0,
  sweeps: 0,
  missedSweeps: 0,
  samples: 0,
  tornSamples: 0,
  unreadableSamples: 0,
};

/** Follows a process that is being sampled, and adds up what each window brings. */
export class LiveProfile {
  readonly #ledger = new WeightLedger();
  #begun: SpanCounts = NOTHING;
  #last: SpanCounts = NOTHING;
  /** Who had which place. */
  #threads: readonly ProfiledThread[] = [];

  /** Adds a window, as `Sampling.takeWindow()` gives it. */
  take({ samples, ...profile }: Profile): LiveMoment {
    const { account } = profile;
    this.#follow(profile.threads);
    this.#ledger.add(samples);
    const recent = { counts: difference(account, this.#last), samples };
    const whole = { counts: difference(account, this.#begun), samples: [this.#ledger.block] };
    this.#last = account;
    return new LiveMoment(profile, recent, whole);
  }

  /** Begins anew: what was found until now is forgotten. */
  reset(): void {
    this.#ledger.clear();
    this.#begun = this.#last;
  }

  /** What was seen of a thread does not count for another one that has its place now. */
  #follow(threads: readonly ProfiledThread[]): void {
    const before = this.#threads;
    this.#threads = threads;
    const isOther = (place: number): boolean => before[place]?.serial !== threads[place]?.serial;
    if (before.some((_, place) => isOther(place))) this.#ledger.forgetThreads(isOther);
  }
}

function difference(after: SamplingAccount, before: SpanCounts): SpanCounts {
  const counts = { ...NOTHING };
  for (const name of SPAN_COUNTS) counts[name] = after[name] - before[name];
  return counts;
}
