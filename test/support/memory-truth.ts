import type { GroundTruth } from './ground-truth.ts';

/** What test/programs/memory-questions.py says of itself. */
export interface MemoryFacts {
  readonly files: Readonly<Record<'package' | 'source' | 'changed' | 'gone' | 'linked', string>>;
  /** Instances of Book, of Novel and of the old-style class Old, those of subclasses included. */
  readonly counts: readonly [books: number, novels: number, old: number];
  readonly referrers: readonly (readonly [address: number, typeName: string])[];
  readonly modules: readonly (readonly [name: string, file: string | null])[];
  readonly tracked: number;
  /** Instances of a class without attributes in the collector's lists, and whether it tracks them. */
  readonly nothing: readonly [count: number, isTracked: boolean];
}

/** The facts of a target that runs it. */
export function memoryFacts({ facts }: GroundTruth): MemoryFacts {
  return facts as unknown as MemoryFacts;
}
