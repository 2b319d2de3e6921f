import type { StoredCore } from '../model/stored-core.ts';
import { type JsonObject, type JsonValue, numberToJson } from './json-value.ts';

/** Writes a list of cores as one JSON document, as docs/stored-cores.schema.json describes it. */
export function storedCoresToJson(cores: readonly StoredCore[]): JsonObject {
  return { schemaVersion: 1, cores: cores.map(storedCoreToJson) };
}

function storedCoreToJson({ executable, signal, diedAt, sizeBytes, ...core }: StoredCore): JsonValue {
  return {
    ...core,
    executable: executable ?? null,
    signal: signal ?? null,
    diedAt: diedAt.toISOString(),
    sizeBytes: numberToJson(sizeBytes),
  };
}
