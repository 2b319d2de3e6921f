import type { Collection, Evaluation, InstanceEvaluation } from '../model/agent.ts';
import type { JsonObject } from './json-value.ts';
import { objectToJson } from './object-json.ts';

/** What was looked at. */
export interface Evaluated {
  readonly module: string;
  readonly path: readonly string[];
  readonly expression: string;
}

/** Writes what an expression has come to, as docs/evaluation.schema.json describes it. */
export function evaluationToJson(
  { module, path, expression }: Evaluated,
  evaluation: Evaluation | InstanceEvaluation,
): JsonObject {
  const { typeName, value } = evaluation;
  return {
    schemaVersion: 1,
    module,
    path: [...path],
    expression,
    total: 'total' in evaluation ? evaluation.total : null,
    typeName,
    value: value.kind === 'view' ? objectToJson(value.view) : null,
    repr: value.kind === 'repr' ? value.text : null,
    omittedCharacters: value.kind === 'repr' ? value.omitted : 0,
  };
}

/** Writes what a run of the garbage collector has found, as docs/agent.schema.json describes it. */
export function collectionToJson({ collected, uncollectable, seconds }: Collection): JsonObject {
  return { schemaVersion: 1, collection: { collected: [...collected], uncollectable, seconds } };
}
