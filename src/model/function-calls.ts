import type { Evaluation } from './agent.ts';
import type { ObjectView } from './object-view.ts';

/** A function of the process whose calls are seen. */
export interface HookedFunction {
  /** As messages name it: `shop.cart.Cart.add`. */
  readonly label: string;
  readonly module: string;
  /** Names on the way from the module. */
  readonly path: readonly string[];
  /** Names of functions within. */
  readonly nested: readonly string[];
  /** Only calls through this class and its subclasses are seen. */
  readonly className: string | undefined;
  readonly file: string;
  readonly line: number;
  readonly kind: 'function' | 'generator' | 'coroutine' | 'async generator';
  /** What a user should know of what was found. */
  readonly notes: readonly string[];
}

/** Why no more calls are told: enough were, the time was over, somebody wanted it, or the process or the cost forbade it. */
export const STREAM_ENDS = ['limit', 'time', 'stopped', 'removed', 'detached', 'exit', 'overhead'] as const;

/** One of {@link STREAM_ENDS}. */
export type StreamEnd = (typeof STREAM_ENDS)[number];

/** What every stream of calls ends with. */
export interface CallAccount {
  readonly reason: StreamEnd;
  /** Calls that ended while it was on. */
  readonly seen: number;
  /** Those that the filter let through. */
  readonly matched: number;
  readonly shown: number;
  /** Matched calls that were not shown, since they came faster than they could be told or were wanted. */
  readonly dropped: number;
  /** Calls that were not looked at, to keep the cost within its limit. */
  readonly skipped: number;
  /** Generators that somebody let go of before their end. */
  readonly abandoned: number;
  /** Expressions that raised an exception. */
  readonly expressionFailures: number;
  /** What went wrong in the agent itself, and the class of the last exception. */
  readonly ownFailures: number;
  readonly lastFailure: string | undefined;
  /** What a call took longer for it, on average. */
  readonly costNs: number;
  /** The function is as it was. */
  readonly isRestored: boolean;
  /** Or it will be so when a call has ended that is under way. */
  readonly goesOn: boolean;
}

/** A place in code that calls something. */
export interface CallPlace {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

/** When and where a call was, and how long it took. */
export interface CallMoment {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly costNs: number;
  /** Without the time in which a coroutine or a generator was suspended. */
  readonly ranNs: number;
  readonly thread: {
    readonly id: number;
    readonly nativeId: number | undefined;
    readonly name: string | undefined;
  };
  /** Of asyncio's task that it was in. */
  readonly task: string | undefined;
}

/** An exception in code that somebody has asked for. */
export interface ExpressionFailure {
  readonly typeName: string;
  readonly traceback: string;
}

/** What an expression came to. */
export type WatchedValue =
  | { readonly kind: 'value'; readonly evaluation: Evaluation }
  | { readonly kind: 'failure'; readonly failure: ExpressionFailure };

/** An exception that left a call. */
export interface CallError {
  readonly typeName: string;
  /** Its message, where that is its one argument. */
  readonly text: string | undefined;
  readonly args: ObjectView;
  /** The lines that it has passed, the call's own first. */
  readonly frames: readonly CallPlace[];
}

/** A call, or a value that a generator has yielded, as `watch` sees it. */
export interface WatchedCall extends CallMoment {
  readonly at: 'exit' | 'yield';
  readonly value: WatchedValue;
  /** The same expression at its entry. */
  readonly before: WatchedValue | undefined;
  readonly error: CallError | undefined;
  /** Who called, the nearest first. */
  readonly callers: readonly CallPlace[] | undefined;
}

/** The calls of an interval, as `monitor` counts them. */
export interface CallInterval {
  /** Its end, in milliseconds since 1970. */
  readonly time: number;
  readonly seconds: number;
  /** Calls that ended in it. */
  readonly calls: number;
  /** Calls that have begun since it was hooked and that go on. */
  readonly inFlight: number;
  readonly failures: readonly { readonly typeName: string; readonly count: number }[];
  /** How long they took; absent when there were none. */
  readonly costs: CallCosts | undefined;
}

/** How long calls took, in nanoseconds: half of them no longer than `p50Ns`. */
export interface CallCosts {
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly mostNs: number;
}

/** One way by which a function was called. */
export interface CallerPath {
  readonly calls: number;
  readonly failed: number;
  /** Of all these calls together. */
  readonly costNs: number;
  /** The caller first. */
  readonly frames: readonly CallPlace[];
}

/** The ways by which a function was called, the most used one first. */
export interface CallerCounts {
  readonly paths: readonly CallerPath[];
  /** Calls by further ways, which were too many to be kept. */
  readonly others: number;
}

/** The ways by which a function was called, when that is counted to the end. */
export interface CallerReport extends CallerCounts {
  readonly account: CallAccount;
}
