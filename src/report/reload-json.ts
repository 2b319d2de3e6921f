import type { ReloadReport } from '../model/reload-report.ts';
import { type JsonObject, optionalToJson } from './json-value.ts';
import { objectToJson } from './object-json.ts';

/** Writes what came of a reload, as docs/reload.schema.json describes it. */
export function reloadToJson(report: ReloadReport): JsonObject {
  return {
    schemaVersion: 1,
    label: report.label,
    definedAs: report.definedAs ?? null,
    loader: report.loader ?? null,
    file: report.file,
    line: report.line,
    endLine: report.endLine ?? null,
    verdict: report.verdict,
    isApplied: report.isApplied,
    source: report.source ?? null,
    oldSource: report.oldSource ?? null,
    differences: report.differences.map(({ what, removed, added }) => ({
      what,
      removed: [...removed],
      added: [...added],
    })),
    values: report.values.map(({ kind, name, action, before, after }) => ({
      kind,
      name,
      action,
      before: optionalToJson(before, objectToJson),
      after: optionalToJson(after, objectToJson),
    })),
    decorators: [...report.decorators],
    areDecoratorsChanged: report.areDecoratorsChanged ?? null,
    kind: report.kind,
    oldKind: report.oldKind,
    functions: report.functions,
    inner: report.inner.map((each) => ({ ...each })),
    runningThreads: report.runningThreads,
    undoable: report.undoable,
    compileSeconds: report.compileSeconds,
  };
}
