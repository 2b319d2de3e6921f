import type { TypeUsage } from './heap-summary.ts';

/** The objects of a process by type, as the interpreter itself counts them. */
export interface ObjectCensus {
  /** The largest first. */
  readonly types: readonly TypeUsage[];
  /** How many of them the collector tracks. */
  readonly trackedCount: number;
}
