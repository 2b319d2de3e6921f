import type { Layout, LockLayout, RuntimeLayout } from './layout.ts';

/** What some patch releases of a minor version keep elsewhere than the measured one. */
export interface PatchReleases {
  /** The first and the last patch release that is so. */
  readonly micros: readonly [first: number, last: number];
  readonly runtime?: Partial<RuntimeLayout>;
  readonly collector?: NonNullable<Layout['collector']>;
  readonly lock?: LockLayout;
}

/**
 * By minor version, `t` for free-threaded builds. All others that we use lie where the measured rows have them: compared
 * with the headers of 3.6.5, 3.7.5, 3.8.0, 3.8.10, 3.9.2, 3.9.5, 3.10.4, 3.10.12, 3.11.0rc1, 3.11.2 and 3.12.3.
 */
export const PATCH_RELEASES: Readonly<Record<string, PatchReleases>> = {
  // PyGC_Head of cpython/Include/objimpl.h was aligned as a double, from 3.7.4 on as a long double: 24 bytes grew
  // to 32, four times over in `_PyRuntime.gc`. Measured with the headers of 3.7.16, that member put back.
  '3.7': {
    micros: [0, 3],
    runtime: {
      currentThreadState: 1392,
      gil: 1176,
      gcCollecting: 544,
      gcYoungest: 432,
      gcPermanent: 440,
      mainThread: 632,
      pendingCalls: 632,
      evalBreaker: 624,
    },
    collector: { headBytes: 24, generationBytes: 32 },
  },
  // The same PyGC_Head was aligned as a long double, from 2.7.16 on it is padded to its size instead.
  '2.7': { micros: [0, 15], collector: { headBytes: 32, generationBytes: 48 } },
  // lockobject of cpython/Modules/_threadmodule.c began with a pointer to a semaphore, from 3.13.1 on it is a PyMutex: measured
  // in the DWARF of 3.13.15, with GIL and without.
  '3.13': { micros: [1, Number.POSITIVE_INFINITY], lock: { semaphore: undefined, mutex: 16 } },
  '3.13t': { micros: [1, Number.POSITIVE_INFINITY], lock: { semaphore: undefined, mutex: 32 } },
};
