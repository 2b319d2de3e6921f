import type { Layout, RuntimeLayout } from './layout.ts';

/** What the first patch releases of a minor version keep elsewhere than the measured one. */
export interface EarlyPatches {
  /** The last patch release that is so. */
  readonly lastMicro: number;
  readonly runtime?: Partial<RuntimeLayout>;
  readonly collector?: NonNullable<Layout['collector']>;
}

/**
 * By minor version. All others that we use lie where the measured rows have them: compared with the headers of
 * 3.6.5, 3.7.5, 3.8.0, 3.8.10, 3.9.2, 3.9.5, 3.10.4, 3.10.12, 3.11.0rc1, 3.11.2 and 3.12.3.
 */
export const EARLY_PATCHES: Readonly<Record<string, EarlyPatches>> = {
  // PyGC_Head of cpython/Include/objimpl.h was aligned as a double, from 3.7.4 on as a long double: 24 bytes grew
  // to 32, four times over in `_PyRuntime.gc`. Measured with the headers of 3.7.16, that member put back.
  '3.7': {
    lastMicro: 3,
    runtime: {
      currentThreadState: 1392,
      gil: 1176,
      gcCollecting: 544,
      gcGenerations: 336,
      gcPermanent: 440,
      mainThread: 632,
      pendingCalls: 632,
      evalBreaker: 624,
    },
    collector: { headBytes: 24, generationBytes: 32 },
  },
  // The same PyGC_Head was aligned as a long double, from 2.7.16 on it is padded to its size instead.
  '2.7': { lastMicro: 15, collector: { headBytes: 32, generationBytes: 48 } },
};
