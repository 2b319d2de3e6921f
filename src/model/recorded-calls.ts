import type {
  CallError,
  CallMoment,
  ExpressionFailure,
  HookedFunction,
  WatchedValue,
} from './function-calls.ts';

/** A call that the agent keeps. Its time is that of its end. */
export interface RecordedCall
  extends CallMoment,
    Pick<HookedFunction, 'label' | 'module' | 'path' | 'nested' | 'kind'> {
  /** It names the call as long as the agent is there. */
  readonly index: number;
  /** Of the exception that ended it. */
  readonly errorType: string | undefined;
  /** Its values were rendered at its entry and its end. */
  readonly isCopied: boolean;
  /** The call that it has repeated. */
  readonly replayOf: number | undefined;
}

/** A recorded call with its values. */
export interface CallDetails extends RecordedCall {
  /** The object or class whose method it is. */
  readonly target: WatchedValue | undefined;
  readonly args: WatchedValue;
  readonly kwargs: WatchedValue;
  readonly result: WatchedValue | undefined;
  readonly error: CallError | undefined;
  /** Whether arguments are shown as they were at the entry, or as the objects are now. */
  readonly asOf: 'entry' | 'now';
  /** What is to be known of how it was repeated. */
  readonly notes: readonly string[];
}

/** What the agent keeps. */
export interface RecordStore {
  readonly count: number;
  /** Estimated, of all that the records refer to. */
  readonly bytes: number;
  /** The oldest are dropped beyond that. */
  readonly budget: number;
  /** So many were, since the agent came in. */
  readonly dropped: number;
}

/** Recorded calls, by index. */
export interface RecordList {
  readonly records: readonly RecordedCall[];
  /** How many the filter let through; `records` are the last of them when there are too many. */
  readonly matched: number;
  /** How often the filter raised an exception, and the first of them. */
  readonly failures: number;
  readonly failure: ExpressionFailure | undefined;
  readonly store: RecordStore;
}
