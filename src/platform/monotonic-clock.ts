import type { Clock } from '../base/ports.ts';

/** The clock that nobody sets: CLOCK_MONOTONIC. */
export const monotonicClock: Clock = { nowNs: () => process.hrtime.bigint() };
