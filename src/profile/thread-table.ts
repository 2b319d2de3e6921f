import type { Profile, ProfiledThread } from './profile.ts';
import { SampleState, samplesOf } from './sample-table.ts';

/** A thread with the time that it spent in each state. */
export interface ThreadRow {
  readonly index: number;
  readonly thread: ProfiledThread;
  readonly looks: number;
  readonly ns: number;
  readonly onCpuNs: number;
  readonly holdsGilNs: number;
  readonly waitsForGilNs: number;
  readonly collectsNs: number;
}

/** The threads of a profile that were seen, in the order of the profile. */
export function threadRows({ threads, samples }: Pick<Profile, 'threads' | 'samples'>): readonly ThreadRow[] {
  const rows = threads.map((thread, index) => ({
    index,
    thread,
    looks: 0,
    ns: 0,
    onCpuNs: 0,
    holdsGilNs: 0,
    waitsForGilNs: 0,
    collectsNs: 0,
  }));
  for (const { thread, looks, weightNs, state } of samplesOf(samples)) {
    const row = rows[thread];
    if (row === undefined || (state & SampleState.waits) !== 0) continue;
    const inState = (bit: number): number => ((state & bit) === 0 ? 0 : weightNs);
    row.looks += looks;
    row.ns += weightNs;
    row.onCpuNs += inState(SampleState.onCpu);
    row.holdsGilNs += inState(SampleState.holdsGil);
    row.waitsForGilNs += inState(SampleState.waitsForGil);
    row.collectsNs += inState(SampleState.collects);
  }
  return rows.filter(({ looks }) => looks > 0);
}
