import type { Address } from '../base/address.ts';
import type { ObjectView } from './object-view.ts';
import type { Problem } from './problem.ts';
import type { ProcessFacts } from './snapshot.ts';

/** What a name of a module, or of a class in it, is bound to. */
export interface GlobalValue {
  readonly process: ProcessFacts;
  readonly takenAt: string;
  readonly pauseNs: bigint | undefined;
  readonly interpreterId: number;
  readonly module: string;
  /** The names that led from the module to it, outermost first. */
  readonly path: readonly string[];
  /** The class that has the attribute, where it was found along the bases of the one that was named. */
  readonly foundIn: string | undefined;
  readonly typeName: string;
  readonly address: Address;
  readonly value: ObjectView;
  readonly problems: readonly Problem[];
}
