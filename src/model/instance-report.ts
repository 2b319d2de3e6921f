import type { Address } from '../base/address.ts';
import type { ObjectView } from './object-view.ts';
import type { Problem } from './problem.ts';
import type { ProcessFacts } from './snapshot.ts';

/** Where in its holder an object is. */
export type HeldPlace =
  | { readonly kind: 'index'; readonly index: number }
  /** The value of a key. */
  | { readonly kind: 'item'; readonly key: ObjectView }
  /** It is a key itself. */
  | { readonly kind: 'key' }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string };

/** What a holder belongs to in turn. */
export type HolderOwner =
  | { readonly kind: 'module'; readonly name: string }
  /** A dict of attributes belongs to a class. */
  | { readonly kind: 'class'; readonly name: string }
  /** A container is bound to a name of a module or a class: `shop.cart.carts`. */
  | { readonly kind: 'global'; readonly name: string }
  /** A container is an attribute of an instance. */
  | {
      readonly kind: 'attribute';
      readonly name: string;
      readonly typeName: string;
      readonly address: Address;
    }
  /** A dict of attributes belongs to an instance. */
  | { readonly kind: 'instance'; readonly typeName: string; readonly address: Address }
  /** A cell belongs to the closure of a function. */
  | { readonly kind: 'closure'; readonly address: Address }
  | { readonly kind: 'call'; readonly name: string };

/** Something that holds an object. */
export interface Referrer {
  /** What holds it: `dict`, `shop.cart.Cart`, `frame`. */
  readonly typeName: string;
  readonly address: Address;
  /** `undefined` when it is not known. */
  readonly place: HeldPlace | undefined;
  readonly owner: HolderOwner | undefined;
}

/** An instance of the class that was asked for, or of one derived from it. */
export interface FoundInstance {
  readonly typeName: string;
  readonly address: Address;
  readonly value: ObjectView;
  /** `undefined` unless it was asked for. */
  readonly referrers: readonly Referrer[] | undefined;
  /** How many more hold it than are listed. */
  readonly otherReferrers: number;
}

/** The instances of a class that the garbage collector of a process knows. */
export interface InstanceReport {
  readonly process: ProcessFacts;
  readonly takenAt: string;
  /** How long the process stood still; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
  readonly module: string;
  readonly className: string;
  /** All of them, of which `instances` are the first. */
  readonly total: number;
  /** How many of each class, the most numerous first. */
  readonly counts: readonly { readonly typeName: string; readonly count: number }[];
  readonly instances: readonly FoundInstance[];
  /** Objects that the collector tracks, of all classes. */
  readonly trackedCount: number;
  /** Instances of the class that the collector does not track, and that are in no list therefore: some, or all. */
  readonly untracked: 'none' | 'some' | 'all';
  readonly problems: readonly Problem[];
}
