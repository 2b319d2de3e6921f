import { type Sample, SampleState } from '../profile/sample-table.ts';
import type { GeckoTables } from './gecko-tables.ts';

/** A time in which a thread was in a state. */
interface Interval {
  readonly name: string;
  readonly startNs: number;
  readonly endNs: number;
}

/** States that are shown as markers, and how the markers are called. */
const MARKED: readonly (readonly [bits: number, name: string])[] = [
  [SampleState.collects, 'GC'],
  [SampleState.waitsForGil, 'Waits for the GIL'],
  [SampleState.raises | SampleState.handles, 'Exception'],
];

/** The phase of a marker that has a start and an end. */
const INTERVAL_PHASE = 1;

/** The marker table of a thread: when it collected garbage, waited for the GIL or had an exception on its way. */
export function stateMarkers(samples: Iterable<Sample>, tables: GeckoTables, category: number): object {
  const intervals = stateIntervals(samples);
  return {
    length: intervals.length,
    name: intervals.map(({ name }) => tables.textIndex(name)),
    startTime: intervals.map(({ startNs }) => startNs / 1e6),
    endTime: intervals.map(({ endNs }) => endNs / 1e6),
    phase: intervals.map(() => INTERVAL_PHASE),
    category: intervals.map(() => category),
    data: intervals.map(() => null),
  };
}

/** Samples in a row that are in a state make one interval. */
function stateIntervals(samples: Iterable<Sample>): readonly Interval[] {
  const intervals: Interval[] = [];
  const begun = new Map<number, number>();
  let endNs = 0;
  for (const sample of samples) {
    for (const [bit, name] of MARKED) {
      const startNs = begun.get(bit);
      const isInState = (sample.state & bit) !== 0;
      if (isInState && startNs === undefined) begun.set(bit, sample.startNs);
      if (isInState || startNs === undefined) continue;
      intervals.push({ name, startNs, endNs });
      begun.delete(bit);
    }
    endNs = sample.startNs + sample.weightNs;
  }
  for (const [bit, name] of MARKED) {
    const startNs = begun.get(bit);
    if (startNs !== undefined) intervals.push({ name, startNs, endNs });
  }
  return intervals.sort((one, other) => one.startNs - other.startNs);
}
