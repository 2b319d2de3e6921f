import type { HeapComparison } from '../model/heap-comparison.ts';
import type { ArenaUses, HeapFigures, HeapSummary, TypeUsage } from '../model/heap-summary.ts';
import type { Problem } from '../model/problem.ts';
import { type JsonObject, type JsonValue, optionalToJson } from './json-value.ts';
import { problemToJson, processToJson } from './snapshot-json.ts';

/** Of the documents that can be read back. */
const SCHEMA_VERSION = 1;

/** Writes the objects of a process by type as one JSON document, as docs/heap-summary.schema.json describes it. */
export function heapSummaryToJson(summary: HeapSummary): JsonObject {
  return {
    schemaVersion: SCHEMA_VERSION,
    takenAt: summary.takenAt,
    process: processToJson(summary.process),
    pauseNs: optionalToJson(summary.pauseNs, String),
    objectCount: summary.objectCount,
    sizeBytes: summary.sizeBytes,
    trackedCount: summary.trackedCount,
    residentBytes: summary.residentBytes ?? null,
    isCountedInside: summary.isCountedInside ?? null,
    types: summary.types.map((type) => ({ ...type })),
    memory: optionalToJson(summary.memory, (uses) => uses.map((use) => ({ ...use }))),
    arenas: arenasToJson(summary.arenas),
    problems: summary.problems.map(problemToJson),
  };
}

function arenasToJson(arenas: ArenaUses): JsonObject {
  if (arenas.kind === 'unknown') return { reason: arenas.reason, allocators: [] };
  const allocators = arenas.allocators.map((each) => ({
    ...each,
    interpreterIds: optionalToJson(each.interpreterIds, (ids) => [...ids]),
  }));
  return { reason: null, allocators };
}

/** Writes what became of objects as one JSON document, as docs/heap-comparison.schema.json describes it. */
export function heapComparisonToJson(
  { before, after, types }: HeapComparison,
  problems: readonly Problem[],
): JsonObject {
  return {
    schemaVersion: 1,
    takenAt: after.takenAt,
    before: figuresToJson(before),
    after: figuresToJson(after),
    types: types.map((type) => ({ ...type })),
    problems: problems.map(problemToJson),
  };
}

function figuresToJson({ takenAt, pid, objectCount, sizeBytes, ...others }: HeapFigures): JsonValue {
  const { residentBytes = null, isCountedInside = null } = others;
  return { takenAt, pid, objectCount, sizeBytes, residentBytes, isCountedInside };
}

/** Reads the figures of such a summary back; `undefined` for a document of another kind. */
export function heapFiguresFromJson(document: unknown): HeapFigures | undefined {
  const { schemaVersion, takenAt, process, types, objectCount, sizeBytes, ...others } = membersOf(document);
  if (schemaVersion !== SCHEMA_VERSION) return undefined;
  const { pid } = membersOf(process);
  if (typeof takenAt !== 'string' || Number.isNaN(Date.parse(takenAt)) || !Array.isArray(types))
    return undefined;
  if (!isCount(pid) || !isCount(objectCount) || !isCount(sizeBytes)) return undefined;
  const usages = types.flatMap((type: unknown) => usageFromJson(type) ?? []);
  if (usages.length !== types.length) return undefined;
  const residentBytes = isCount(others['residentBytes']) ? others['residentBytes'] : undefined;
  const isInside = others['isCountedInside'];
  const isCountedInside = typeof isInside === 'boolean' ? isInside : undefined;
  return { takenAt, pid, types: usages, objectCount, sizeBytes, residentBytes, isCountedInside };
}

function usageFromJson(document: unknown): TypeUsage | undefined {
  const { typeName, count, sizeBytes, isStructOnly } = membersOf(document);
  if (typeof typeName !== 'string' || typeof isStructOnly !== 'boolean') return undefined;
  return isCount(count) && isCount(sizeBytes) ? { typeName, count, sizeBytes, isStructOnly } : undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
