import type { CallTree, TracedCall, TracedFunction, UnwatchedFunction } from '../model/call-tree.ts';
import type { HookedFunction } from '../model/function-calls.ts';
import { momentToJson } from './call-json.ts';
import type { JsonObject } from './json-value.ts';

/** Writes a call and the calls below it, as docs/traced-call.schema.json describes them. */
export function callTreeToJson(tree: CallTree, { label }: HookedFunction): JsonObject {
  const { calls, unwatched, cut, omitted, isComplete } = tree;
  return {
    schemaVersion: 1,
    event: 'exit',
    label,
    ...momentToJson(tree),
    calls: calls.map(callToJson),
    unwatched: unwatched.map(unwatchedToJson),
    cut: cut.map(unwatchedToJson),
    omitted,
    isComplete,
  };
}

function callToJson({ function: called, calledAt, error, hidden, ...call }: TracedCall): JsonObject {
  return {
    ...call,
    ...functionToJson(called),
    calledAt: calledAt === undefined ? null : { ...calledAt },
    exception: error === undefined ? null : { typeName: error.typeName ?? null },
    hidden: { ...hidden },
  };
}

function unwatchedToJson({ function: called, count }: UnwatchedFunction): JsonObject {
  return { ...functionToJson(called), count };
}

function functionToJson({ name, file, line }: TracedFunction): JsonObject {
  return { name, file: file ?? null, line: line ?? null };
}
