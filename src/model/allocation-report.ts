/** How allocations are summed up: by the line that allocates, by its file, or by all calls that lead there. */
export const ALLOCATION_GROUPINGS = ['line', 'file', 'traceback'] as const;

/** One of {@link ALLOCATION_GROUPINGS}. */
export type AllocationGrouping = (typeof ALLOCATION_GROUPINGS)[number];

/** Code that allocates. */
export interface AllocationSite {
  /** The place that allocates, and for tracebacks its callers after it. A file alone has line 0. */
  readonly frames: readonly { readonly file: string; readonly line: number }[];
  /** How much more of what it has allocated is there than at the beginning; less when it is negative. */
  readonly sizeChange: number;
  readonly countChange: number;
  /** What is there of it now, as far as it was traced. */
  readonly sizeBytes: number;
  readonly count: number;
}

/** What was allocated within a time and is still there. */
export interface AllocationReport {
  /** Why it ended: the time was over, or somebody wanted it. */
  readonly reason: 'time' | 'stopped';
  readonly seconds: number;
  /** The program traces allocations itself, and goes on to do so: what it had before counts, too. */
  readonly wasTracing: boolean;
  /** Frames that are kept of each allocation. */
  readonly frameLimit: number;
  /** What the tracing itself took. */
  readonly ownBytes: number;
  /** Of all that is traced, at the end. */
  readonly sizeBytes: number;
  readonly sizeChange: number;
  readonly countChange: number;
  /** Those that changed most first; of very many the first ones. */
  readonly sites: readonly AllocationSite[];
  readonly siteCount: number;
}
