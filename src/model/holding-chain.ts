import type { Address } from '../base/address.ts';
import type { HeldPlace, Referrer } from './instance-report.ts';
import type { Problem } from './problem.ts';
import type { ProcessFacts } from './snapshot.ts';

/** Where a chain of objects that hold each other begins: what holds without being held. */
export type ChainRoot =
  | { readonly kind: 'module'; readonly name: string }
  /** A variable of a call that runs. */
  | { readonly kind: 'variable'; readonly name: string; readonly call: string }
  /** A value on the stack of a running call, without a name, or left over there. */
  | { readonly kind: 'call'; readonly call: string }
  /** What CPython keeps of a thread: its exceptions, its context, its own variables. */
  | { readonly kind: 'thread'; readonly threadId: number | undefined }
  | { readonly kind: 'interpreter'; readonly id: number }
  /** The dict of all interned strings, which CPython keeps (3.12+, where an interpreter leads to it). */
  | { readonly kind: 'interned' }
  /** A dict with the names of a module that is not that of the module itself: CPython keeps such copies to import it again. */
  | { readonly kind: 'names'; readonly module: string }
  /** Nothing leads there: only C code holds it, or it is part of a ring that the garbage collector has not freed yet. */
  | { readonly kind: 'unheld' };

/** An object of a chain, and where in the one before it is. */
export interface ChainStep {
  readonly typeName: string;
  readonly address: Address;
  /** `undefined` when it is not known, and for what a root holds itself. */
  readonly place: HeldPlace | undefined;
}

/** Objects each of which holds the next, from a root to the one that was asked for. */
export interface HoldingChain {
  readonly root: ChainRoot;
  /** All of them, or of a long chain the first. */
  readonly steps: readonly ChainStep[];
  /** Of a long chain the middle is left out: so many objects, and the steps behind them. */
  readonly omitted: number;
  readonly lastSteps: readonly ChainStep[];
}

/** An object, and what keeps it alive. */
export interface HeldObject {
  readonly typeName: string;
  readonly address: Address;
  /** The shortest ones, each by another holder; none when nothing leads to it. */
  readonly chains: readonly HoldingChain[];
  /** How many more holders lead to it. */
  readonly otherChains: number;
  /** What holds it directly, when no chain leads to it. */
  readonly referrers: readonly Referrer[];
  readonly otherReferrers: number;
}

/** What was asked for: the instances of a class, or an object at an address. */
export type HoldingSubject =
  | { readonly kind: 'class'; readonly module: string; readonly className: string }
  | { readonly kind: 'object'; readonly address: Address };

/** Why objects are alive. */
export interface HoldingReport {
  readonly process: ProcessFacts;
  readonly takenAt: string;
  /** How long the process stood still; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
  readonly subject: HoldingSubject;
  /** How many instances there are; 1 for an object. */
  readonly total: number;
  /** How many of them nothing leads to. */
  readonly unheldCount: number;
  /** Those nearest to a root, and of those that nothing leads to the first. */
  readonly objects: readonly HeldObject[];
  readonly problems: readonly Problem[];
}

/** An object that takes much by itself. */
export interface LargeObject {
  readonly typeName: string;
  readonly address: Address;
  /** Of itself, as `sys.getsizeof` counts it, without what it holds. */
  readonly sizeBytes: number;
  /** Without what it keeps elsewhere: how it measures itself is not known. */
  readonly isStructOnly: boolean;
  /** How many items, entries, characters or bytes it has; `undefined` for what has none, and where that is not known. */
  readonly itemCount: number | undefined;
  /** The shortest way to it. */
  readonly chain: HoldingChain;
}

/** The objects of a process that take most by themselves. */
export interface LargestObjects {
  readonly process: ProcessFacts;
  readonly takenAt: string;
  /** How long the process stood still; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
  /** The largest first. */
  readonly objects: readonly LargeObject[];
  /** Of all objects. */
  readonly objectCount: number;
  readonly sizeBytes: number;
  readonly problems: readonly Problem[];
}
