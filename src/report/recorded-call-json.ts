import type { CallAccount } from '../model/function-calls.ts';
import type { CallDetails, RecordedCall, RecordList, RecordStore } from '../model/recorded-calls.ts';
import { accountToJson, errorToJson, momentToJson, watchedToJson } from './call-json.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

/** Writes a call that was recorded just now: one document of a stream. */
export function recordedEventToJson(call: RecordedCall): JsonObject {
  return { schemaVersion: 1, event: 'recorded', ...recordFields(call) };
}

/** Writes the end of a recording, and how much is kept: its last document. */
export function recordingEndToJson(account: CallAccount, store: RecordStore): JsonObject {
  return { ...accountToJson(account), store: { ...store } };
}

/** Writes a list of recorded calls. */
export function recordListToJson({ records, matched, failures, failure, store }: RecordList): JsonObject {
  return {
    schemaVersion: 1,
    records: records.map(recordFields),
    matched,
    filterFailures: failures,
    filterFailure: failure === undefined ? null : { ...failure },
    store: { ...store },
  };
}

/** Writes a recorded call with its values. */
export function detailsToJson(call: CallDetails): JsonObject {
  const { target, args, kwargs, result, error, asOf, notes } = call;
  return {
    schemaVersion: 1,
    record: {
      ...recordFields(call),
      valuesAsOf: asOf,
      target: target === undefined ? null : watchedToJson(target),
      args: watchedToJson(args),
      kwargs: watchedToJson(kwargs),
      result: result === undefined ? null : watchedToJson(result),
      exception: error === undefined ? null : errorToJson(error),
      notes: [...notes],
    },
  };
}

/** Writes what was let go of. */
export function deletionToJson(indices: readonly number[] | 'all', count: number): JsonObject {
  return { schemaVersion: 1, deleted: { indices: indices === 'all' ? 'all' : [...indices], count } };
}

function recordFields(call: RecordedCall): { readonly [name: string]: JsonValue } {
  const { index, module, path, nested, label, kind, errorType, isCopied, replayOf } = call;
  return {
    index,
    label,
    module,
    path: [...path],
    nested: [...nested],
    kind,
    ...momentToJson(call),
    exceptionType: errorType ?? null,
    isCopied,
    replayOf: replayOf ?? null,
  };
}
