import { AgentAnswerError } from '../base/errors.ts';
import {
  type CallAccount,
  type CallCosts,
  type CallError,
  type CallerCounts,
  type CallerReport,
  type CallInterval,
  type CallMoment,
  type CallPlace,
  type ExpressionFailure,
  type HookedFunction,
  STREAM_ENDS,
  type WatchedCall,
  type WatchedValue,
} from '../model/function-calls.ts';
import { parseEvaluation } from './answers.ts';
import { Fields } from './fields.ts';
import { parseView } from './view-answer.ts';

/** What comes of a stream before its end, sorted. */
export type StreamEvent =
  | { readonly kind: 'opened'; readonly hooked: HookedFunction }
  /** The function's module is not loaded yet. */
  | { readonly kind: 'waiting'; readonly why: string }
  /** A filter raised an exception. */
  | { readonly kind: 'failed'; readonly failure: ExpressionFailure }
  | { readonly kind: 'call'; readonly call: Fields };

/** Sorts what a stream says. */
export function parseStreamEvent(event: Fields): StreamEvent {
  if (event.has('opened')) return { kind: 'opened', hooked: parseHooked(event.fields('opened')) };
  if (event.has('waiting')) return { kind: 'waiting', why: event.text('waiting') };
  if (event.has('failed')) return { kind: 'failed', failure: parseFailure(event) };
  return { kind: 'call', call: event };
}

/** Kinds of functions. */
export const FUNCTION_KINDS = ['function', 'generator', 'coroutine', 'async generator'] as const;

function parseHooked(fields: Fields): HookedFunction {
  return {
    label: fields.text('label'),
    module: fields.text('module'),
    path: fields.texts('path'),
    nested: fields.texts('nested'),
    className: fields.optionalText('className'),
    file: fields.text('file'),
    line: fields.whole('line'),
    kind: fields.word('kind', FUNCTION_KINDS),
    notes: fields.texts('notes'),
  };
}

/** Reads the answer that ends a stream. */
export function parseAccount(answer: Fields): CallAccount {
  return {
    reason: answer.word('reason', STREAM_ENDS),
    seen: answer.whole('seen'),
    matched: answer.whole('matched'),
    shown: answer.whole('shown'),
    dropped: answer.whole('dropped'),
    skipped: answer.whole('skipped'),
    abandoned: answer.whole('abandoned'),
    expressionFailures: answer.whole('expressionFailures'),
    ownFailures: answer.whole('ownFailures'),
    lastFailure: answer.optionalText('lastFailure'),
    costNs: answer.whole('costNs'),
    isRestored: answer.flag('restored'),
    goesOn: answer.has('goesOn') && answer.flag('goesOn'),
  };
}

/** Reads when and where a call was. */
export function parseMoment(fields: Fields): CallMoment {
  const thread = fields.fields('thread');
  return {
    time: fields.number('time') * 1000,
    costNs: fields.number('costNs'),
    ranNs: fields.number('ranNs'),
    thread: {
      id: thread.number('id'),
      nativeId: thread.optionalWhole('nativeId'),
      name: thread.optionalText('name'),
    },
    task: fields.optionalText('task'),
  };
}

/** Reads a call that `watch` has seen. */
export function parseWatchedCall(fields: Fields): WatchedCall {
  return {
    ...parseMoment(fields),
    at: fields.word('at', ['exit', 'yield']),
    value: parseWatchedValue(fields.fields('value')),
    before: fields.has('before') ? parseWatchedValue(fields.fields('before')) : undefined,
    error: fields.has('error') ? parseCallError(fields.fields('error')) : undefined,
    callers: fields.has('stack') ? fields.list('stack', parsePlace) : undefined,
  };
}

/** Reads a value, or why there is none. */
export function parseWatchedValue(fields: Fields): WatchedValue {
  if (fields.has('failure')) return { kind: 'failure', failure: parseFailure(fields.fields('failure')) };
  return { kind: 'value', evaluation: parseEvaluation(fields) };
}

/** Reads an exception of code that somebody has asked for. */
export function parseFailure(fields: Fields): ExpressionFailure {
  return { typeName: fields.text('type'), traceback: fields.text('traceback') };
}

/** Reads an exception that left a call. */
export function parseCallError(fields: Fields): CallError {
  return {
    typeName: fields.text('type'),
    text: fields.optionalText('text'),
    args: parseView(fields.value('args')),
    frames: fields.list('frames', parsePlace),
  };
}

function parsePlace(item: unknown, what: string): CallPlace {
  const [file, line, name] = Array.isArray(item) ? item : [];
  if (typeof file !== 'string' || typeof name !== 'string')
    throw new AgentAnswerError(`${what} holds no place in code`);
  // A frame may be on no line at all.
  return { file, line: typeof line === 'number' ? line : 0, name };
}

/** Reads an interval of `monitor`. */
export function parseInterval(fields: Fields): CallInterval {
  return {
    time: fields.number('time') * 1000,
    seconds: fields.number('seconds'),
    calls: fields.whole('calls'),
    inFlight: fields.whole('inFlight'),
    failures: fields.list('failures', (item, what) => {
      const failure = Fields.of(item, what);
      return { typeName: failure.text('type'), count: failure.whole('count') };
    }),
    costs: fields.has('costs') ? parseCosts(fields.fields('costs')) : undefined,
  };
}

function parseCosts(fields: Fields): CallCosts {
  return {
    meanNs: fields.number('meanNs'),
    p50Ns: fields.number('p50Ns'),
    p95Ns: fields.number('p95Ns'),
    p99Ns: fields.number('p99Ns'),
    mostNs: fields.number('mostNs'),
  };
}

/** Reads the answer that ends `callers`. */
export function parseCallers(answer: Fields): CallerReport {
  return { account: parseAccount(answer), ...parseCallerCounts(answer) };
}

/** Reads what `callers` has counted, at its end or before. */
export function parseCallerCounts(answer: Fields): CallerCounts {
  return {
    others: answer.whole('others'),
    paths: answer.list('paths', (item, what) => {
      const path = Fields.of(item, what);
      return {
        calls: path.whole('calls'),
        failed: path.whole('failed'),
        costNs: path.number('costNs'),
        frames: path.list('frames', parsePlace),
      };
    }),
  };
}
