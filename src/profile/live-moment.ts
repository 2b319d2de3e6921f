import { type LiveChoice, type LiveRow, liveRows } from './live-table.ts';
import type { Profile } from './profile.ts';
import type { SampleBlock } from './sample-table.ts';

/** The counts of an account that grow while it goes on. */
export const SPAN_COUNTS = [
  'durationNs',
  'sweeps',
  'missedSweeps',
  'samples',
  'tornSamples',
  'unreadableSamples',
] as const;

/** How often was looked in a time, and what came of it. */
export type SpanCounts = Readonly<Record<(typeof SPAN_COUNTS)[number], number>>;

/** What was found in a time. */
export interface LiveSpan {
  readonly counts: SpanCounts;
  /** Their threads and stacks are those of the moment's profile. */
  readonly samples: readonly SampleBlock[];
}

/** What is known at some moment of a process that is being sampled. */
export class LiveMoment {
  /** Its processes, threads, frames and stacks. */
  readonly profile: Omit<Profile, 'samples'>;
  /** What was found since the moment before. */
  readonly recent: LiveSpan;
  /** What was found since the beginning, or the last reset. Of its samples only the sums are known. */
  readonly whole: LiveSpan;
  readonly #rows = new Map<string, readonly LiveRow[]>();

  constructor(profile: Omit<Profile, 'samples'>, recent: LiveSpan, whole: LiveSpan) {
    this.profile = profile;
    this.recent = recent;
    this.whole = whole;
  }

  /** The functions or lines that were seen since the beginning, with what was seen of them lately, in any order. */
  rows(choice: LiveChoice): readonly LiveRow[] {
    const key = JSON.stringify([choice.byFunction, choice.byTask, choice.thread, choice.filter]);
    const rows = this.#rows.get(key) ?? this.#findRows(choice);
    this.#rows.set(key, rows);
    return rows;
  }

  #findRows(choice: LiveChoice): readonly LiveRow[] {
    const profileOf = ({ samples }: LiveSpan): Profile => ({ ...this.profile, samples });
    return liveRows({ recent: profileOf(this.recent), whole: profileOf(this.whole) }, choice);
  }
}
