import type { HeapSummary, TypeUsage } from '../../src/model/heap-summary.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** A heap made by hand: of each type how many objects, and what they take. */
export function heapOf(
  { process }: Snapshot,
  types: Readonly<Record<string, readonly [count: number, sizeBytes: number]>>,
  others: Partial<HeapSummary> = {},
): HeapSummary {
  const usages: readonly TypeUsage[] = Object.entries(types).map(([typeName, [count, sizeBytes]]) => ({
    typeName,
    count,
    sizeBytes,
    isStructOnly: typeName.startsWith('_io.'),
  }));
  return {
    process,
    pid: process.pid,
    takenAt: '2026-11-20T09:40:05.000Z',
    pauseNs: 2_000_000n,
    types: usages,
    objectCount: usages.reduce((sum, { count }) => sum + count, 0),
    sizeBytes: usages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    trackedCount: 7,
    residentBytes: 30 << 20,
    isCountedInside: false,
    memory: [
      { kind: 'heap', mappingCount: 1, sizeBytes: 12 << 20, residentBytes: 10 << 20, swappedBytes: 0 },
      { kind: 'files', mappingCount: 9, sizeBytes: 40 << 20, residentBytes: 20 << 20, swappedBytes: 4096 },
    ],
    arenas: {
      kind: 'known',
      allocators: [
        {
          interpreterIds: undefined,
          arenaCount: 2,
          sizeBytes: 2 << 20,
          blockCount: 12_345,
          usedBytes: 1_500_000,
          freeBlockBytes: 300_000,
          freePoolBytes: 200_000,
        },
      ],
    },
    problems: [],
    ...others,
  };
}
