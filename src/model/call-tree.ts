import type { CallMoment } from './function-calls.ts';

/** A function of Python, or something written in C, in a tree of calls. */
export interface TracedFunction {
  /** `Cart.add`, `list.append`, `time.sleep`. */
  readonly name: string;
  /** `undefined` for what is written in C. */
  readonly file: string | undefined;
  /** Its first line. */
  readonly line: number | undefined;
}

/** A call in a tree, or several of the same function from the same line. */
export interface TracedCall {
  /** Of the traced call itself 0. */
  readonly depth: number;
  /** `await` is the time in which the coroutine above was suspended. */
  readonly kind: 'python' | 'c' | 'await';
  readonly function: TracedFunction;
  /** The line that calls it; `undefined` for the traced call, and where it could not be told. */
  readonly calledAt: { readonly file: string; readonly line: number } | undefined;
  /** After the beginning of the traced call; of several calls the first. */
  readonly startNs: number;
  /** Of several calls all together. */
  readonly totalNs: number;
  /** Without what the calls below it took. */
  readonly ownNs: number;
  readonly count: number;
  readonly leastNs: number;
  readonly mostNs: number;
  /** It ended by an exception, of this class where that is known. */
  readonly error: { readonly typeName: string | undefined } | undefined;
  /** Calls below it that were shorter than the interval or deeper than wanted, all together and those that it made itself. */
  readonly hidden: { readonly count: number; readonly totalNs: number };
}

/** A function that was always so short that it was not watched to the end of the traced call. */
export interface UnwatchedFunction {
  readonly function: TracedFunction;
  /** Calls until then. */
  readonly count: number;
}

/** A call of the traced function with the calls below it. */
export interface CallTree extends CallMoment {
  /** The traced call first, below each call those that it made, in their order. */
  readonly calls: readonly TracedCall[];
  readonly unwatched: readonly UnwatchedFunction[];
  /** Functions of which earlier calls had only short calls below, so that only the first of these were looked at. */
  readonly cut: readonly UnwatchedFunction[];
  /** Calls that were long enough, when there were too many already. */
  readonly omitted: number;
  /** Nothing kept the calls below from being seen: another profiler, or a failure of the agent. */
  readonly isComplete: boolean;
  /** `sys.path` of the process, by which file names can be shortened. */
  readonly searchPath: readonly string[];
}
