import type { GroundTruth } from './ground-truth.ts';

/** What test/programs/holdings.py says of itself. */
export interface HoldingFacts {
  /** The shortest chains to the only instance of each class. */
  readonly chains: Readonly<Record<string, readonly ToldChain[]>>;
  /** Objects that are larger than any other, each with its way. */
  readonly large: readonly ToldObject[];
  /** What `sys._debugmallocstats()` wrote. */
  readonly arenas: string | null;
}

interface ToldChain {
  readonly text: string;
  readonly addresses: readonly number[];
  /** Whether `gc.get_referrers()` says the same of each object. */
  readonly proved: boolean;
}

interface ToldObject {
  readonly text: string;
  readonly address: number;
  readonly sizeBytes: number;
  readonly itemCount: number;
}

/** The facts of a target that runs it. */
export function holdingFacts({ facts }: GroundTruth): HoldingFacts {
  return facts as unknown as HoldingFacts;
}
