import type { AllocationReport } from '../model/allocation-report.ts';
import type { JsonObject } from './json-value.ts';

/** Writes where memory was allocated, as docs/allocations.schema.json describes it. */
export function allocationsToJson({ sites, ...report }: AllocationReport): JsonObject {
  return {
    schemaVersion: 1,
    ...report,
    sites: sites.map(({ frames, ...site }) => ({ ...site, frames: frames.map((frame) => ({ ...frame })) })),
  };
}
