import type { GroundTruth } from './ground-truth.ts';

/** What test/programs/heap.py says of itself. */
export interface HeapFacts {
  /** Objects of every kind, and what `sys.getsizeof` says of each. */
  readonly sizes: readonly (readonly [typeName: string, address: number, sizeBytes: number])[];
  /** What each of these holds, as `gc.get_referents` says. */
  readonly held: readonly (readonly [address: number, held: readonly number[]])[];
  /** All objects that its collector tracks, and what these hold. */
  readonly objects: readonly (readonly [address: number, sizeBytes: number])[];
  /** How many of those are of each of its own classes. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The facts of a target that runs it. */
export function heapFacts({ facts }: GroundTruth): HeapFacts {
  return facts as unknown as HeapFacts;
}
