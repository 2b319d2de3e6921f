import type {
  CallAccount,
  CallError,
  CallerCounts,
  CallerReport,
  CallInterval,
  CallMoment,
  CallPlace,
  HookedFunction,
  WatchedCall,
  WatchedValue,
} from '../model/function-calls.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { objectToJson } from './object-json.ts';

/** Writes which function is hooked: the first document of a stream. */
export function hookedToJson(hooked: HookedFunction): JsonObject {
  return { schemaVersion: 1, event: 'opened', function: functionToJson(hooked) };
}

function functionToJson({ className, path, nested, notes, ...hooked }: HookedFunction): JsonValue {
  return { ...hooked, className: className ?? null, path: [...path], nested: [...nested], notes: [...notes] };
}

/** Writes the account of a stream: its last document. */
export function accountToJson({ lastFailure, goesOn: _, ...account }: CallAccount): JsonObject {
  return { schemaVersion: 1, event: 'ended', ...account, lastFailure: lastFailure ?? null };
}

/** Writes an interval of `monitor`. */
export function intervalToJson({ time, failures, costs, ...interval }: CallInterval): JsonObject {
  return {
    schemaVersion: 1,
    event: 'interval',
    time: new Date(time).toISOString(),
    ...interval,
    failures: failures.map((failure) => ({ ...failure })),
    costs: costs === undefined ? null : { ...costs },
  };
}

/** Writes the ways by which a function was called. */
export function callersToJson({ account, ...counts }: CallerReport): JsonObject {
  return { ...accountToJson(account), ...countsToJson(counts) };
}

/** Writes the ways that were counted until the process was gone. */
export function callerCountsToJson(counts: CallerCounts): JsonObject {
  return { schemaVersion: 1, event: 'counted', ...countsToJson(counts) };
}

function countsToJson({ paths, others }: CallerCounts): JsonObject {
  return {
    others,
    paths: paths.map(({ frames, ...path }) => ({ ...path, frames: frames.map(placeToJson) })),
  };
}

/** Writes a call as `watch` sees it. */
export function watchedCallToJson(call: WatchedCall, { label }: HookedFunction): JsonObject {
  const { at, value, before, error, callers } = call;
  return {
    schemaVersion: 1,
    event: at,
    label,
    ...momentToJson(call),
    value: watchedToJson(value),
    before: before === undefined ? null : watchedToJson(before),
    exception: error === undefined ? null : errorToJson(error),
    callers: callers === undefined ? null : callers.map(placeToJson),
  };
}

/** Writes when and where a call was. */
export function momentToJson({ time, costNs, ranNs, thread, task }: CallMoment): JsonObject {
  const { id, nativeId, name } = thread;
  return {
    time: new Date(time).toISOString(),
    costNs,
    ranNs,
    thread: { id, nativeId: nativeId ?? null, name: name ?? null },
    task: task ?? null,
  };
}

/** Writes a value, or why there is none. */
export function watchedToJson(value: WatchedValue): JsonValue {
  if (value.kind === 'failure') return { failure: { ...value.failure } };
  const { typeName, value: shown } = value.evaluation;
  return shown.kind === 'view'
    ? { typeName, view: objectToJson(shown.view) }
    : { typeName, repr: shown.text, omittedCharacters: shown.omitted };
}

/** Writes an exception that left a call. */
export function errorToJson({ typeName, text, args, frames }: CallError): JsonValue {
  return { typeName, text: text ?? null, args: objectToJson(args), frames: frames.map(placeToJson) };
}

function placeToJson({ file, line, name }: CallPlace): JsonValue {
  return { file, line, name };
}
