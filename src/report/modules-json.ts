import type { LoadedModule, ModuleReport } from '../model/loaded-module.ts';
import { type JsonObject, type JsonValue, numberToJson, optionalToJson } from './json-value.ts';
import { problemToJson, processToJson } from './snapshot-json.ts';

/** Writes modules as one JSON document, as docs/modules.schema.json describes it. */
export function modulesToJson(report: ModuleReport): JsonObject {
  return {
    schemaVersion: 1,
    takenAt: report.takenAt,
    process: processToJson(report.process),
    pauseNs: optionalToJson(report.pauseNs, String),
    modules: report.modules.map(moduleToJson),
    meant: optionalToJson(report.meant, ({ from, path, other }) => ({ from, path, other: other ?? null })),
    problems: report.problems.map(problemToJson),
  };
}

function moduleToJson(module: LoadedModule): JsonValue {
  return {
    name: module.name,
    ownName: module.ownName ?? null,
    interpreterId: numberToJson(module.interpreterId),
    kind: module.kind,
    file: module.file ?? null,
    cached: module.cached ?? null,
    packagePath: [...module.packagePath],
    fileState: module.fileState ?? null,
  };
}
