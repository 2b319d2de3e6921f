import type { CancelSignal } from '../base/cancellation.ts';
import type { AllocationGrouping, AllocationReport } from '../model/allocation-report.ts';
import type { ObjectCensus } from '../model/object-census.ts';
import type { Fields } from '../wire/fields.ts';
import { parseAllocations, parseCensus } from '../wire/memory-answers.ts';
import type { Ask } from './agent-console.ts';

/** To sum up what was traced, which is many allocations. */
const SUMMING_MS = 120_000;

/** For how long, and how, allocations are seen. */
export interface AllocationWish {
  readonly seconds: number;
  readonly by?: AllocationGrouping;
  /** Ends it; what was allocated until then comes nevertheless. */
  readonly signal?: CancelSignal | undefined;
  /** It is on from now on, and keeps so many frames of each allocation. */
  readonly onStarted?: (frameLimit: number) => void;
}

/** Asks what takes the memory of a process of the interpreter itself. */
export class MemoryQuestions {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Counts and measures the objects that the collector tracks, and what these hold. */
  async census(signal?: CancelSignal): Promise<ObjectCensus> {
    return parseCensus(await this.#ask({ op: 'census' }, { signal }));
  }

  /** Has `tracemalloc` note allocations for a time, and tells which of them are still there at its end, and who made them. */
  async allocations({ seconds, by, signal, onStarted }: AllocationWish): Promise<AllocationReport> {
    const request = { op: 'allocations', seconds, by } as const;
    const onEvent = (event: Fields): void => onStarted?.(event.whole('tracing'));
    return parseAllocations(await this.#ask(request, { signal, onEvent, cancelMs: SUMMING_MS }));
  }
}
