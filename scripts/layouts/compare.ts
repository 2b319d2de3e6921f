import { DEBUG_OFFSET_TABLES } from '../../src/cpython/layouts/debug-offset-tables.ts';
import {
  DEBUG_OFFSETS_HEADER_BYTES,
  debugOffsetsSizeBytes,
  parseDebugOffsets,
} from '../../src/cpython/layouts/debug-offsets.ts';
import { MEASURED_LAYOUTS } from '../../src/cpython/layouts/generated/index.ts';
import type { MeasuredLayout } from '../../src/cpython/layouts/layout.ts';
import { patchedRow } from '../../src/cpython/layouts/layout-for.ts';
import { layoutFromDebugOffsets } from '../../src/cpython/layouts/layout-from-debug-offsets.ts';
import { isInVersions, PROBES } from './probes.ts';

/** Which fields of a committed row differ from what was measured, in a sentence each. */
export function differences(
  row: MeasuredLayout,
  measured: ReadonlyMap<string, number>,
  skipped: readonly string[] = [],
): readonly string[] {
  const committed = flatten(row);
  const fields = new Set(PROBES.map(({ field }) => field));
  return [...fields, ...[...committed.keys()].filter((field) => !fields.has(field))].flatMap((field) => {
    const [have, want] = [committed.get(field), measured.get(field)];
    return have === want || skipped.includes(field)
      ? []
      : [`${field} is ${have ?? 'absent'}, measured ${want ?? 'absent'}`];
  });
}

/** Which fields of a committed row differ from the table that a target publishes. */
export function differencesFromTable(row: MeasuredLayout, runtime: Uint8Array): readonly string[] {
  const offsets = parseDebugOffsets(runtime);
  return differences(row, flatten(layoutFromDebugOffsets(offsets)));
}

/** A build whose structs are measured here, and the release that its committed row was measured in. */
export interface BuildHere {
  readonly name: string;
  /** `3.13.15`. */
  readonly version: string;
  readonly measuredVersion: string | undefined;
  /** The beginning of its `_PyRuntime`. */
  readonly runtime: Uint8Array | undefined;
}

/** What we take the structs of a build to be. */
export interface ExpectedRow {
  readonly row: MeasuredLayout;
  /** Fields of it that cannot be compared with headers. */
  readonly incomparable: readonly string[];
}

/**
 * Tells what we take the structs of a build to be. From 3.13 on they move from one patch release to the next, so that those of
 * another release than the measured one are told by its own table alone; `undefined` where that cannot be had.
 */
export function expectedRow({ name, version, measuredVersion, runtime }: BuildHere): ExpectedRow | undefined {
  const [minor = '', micro = ''] = /^(\d+\.\d+)\.(\d+)/.exec(version)?.slice(1) ?? [];
  const row = patchedRow(name, Number(micro));
  if (row === undefined) return undefined;
  const incomparable = unprobedFields(row);
  if (!isInVersions(minor, '3.13-') || version === measuredVersion) return { row, incomparable };
  if (runtime === undefined) return undefined;
  return {
    row: layoutFromDebugOffsets(parseDebugOffsets(runtime)),
    // We take its size from the measured release.
    incomparable: [...incomparable, 'interpreter.sizeBytes'],
  };
}

/** Members that a patch release put in the place of others: probes know those of the measured release. */
function unprobedFields(row: MeasuredLayout): readonly string[] {
  const measured = MEASURED_LAYOUTS[row.name]?.();
  const known = measured === undefined ? new Map() : flatten(measured);
  return [...flatten(row).keys()].filter((field) => !known.has(field));
}

/** Statements that print where each field of `_Py_DebugOffsets` is, and its size. */
export function debugOffsetStatements(minor: string): readonly string[] {
  const groups = Object.entries(DEBUG_OFFSET_TABLES[minor]?.groups ?? {});
  return [
    'printf("_Py_DebugOffsets %zu\\n", sizeof(_Py_DebugOffsets));',
    ...groups.flatMap(([group, { fields }]) =>
      fields.map(
        (field) => `printf("${group}.${field} %zu\\n", offsetof(_Py_DebugOffsets, ${group}.${field}));`,
      ),
    ),
  ];
}

/** Which fields of our list of a version's `_Py_DebugOffsets` are not where its header has them. */
export function fieldListDifferences(
  minor: string,
  measured: ReadonlyMap<string, number>,
): readonly string[] {
  const table = DEBUG_OFFSET_TABLES[minor];
  if (table === undefined) return [`no list of fields for ${minor}`];
  const names = Object.entries(table.groups).flatMap(([group, { fields }]) =>
    fields.map((field) => `${group}.${field}`),
  );
  const [majorNumber = 0, minorNumber = 0] = minor.split('.').map(Number);
  const size = debugOffsetsSizeBytes({
    ...table.first,
    major: majorNumber,
    minor: minorNumber,
    micro: 0,
    isFreeThreaded: false,
    isDebugBuild: false,
  });
  const expected = new Map(
    names.map((name, index) => [name, DEBUG_OFFSETS_HEADER_BYTES + index * 8] as const),
  ).set('_Py_DebugOffsets', size);
  return [...expected].flatMap(([name, offset]) =>
    measured.get(name) === offset ? [] : [`${name} is at ${offset}, measured ${measured.get(name)}`],
  );
}

/** Lists the numbers of a row by path, `frame.previous`; names and rules stay out. */
export function flatten(row: MeasuredLayout): Map<string, number> {
  const { name: _name, rules: _rules, ...groups } = { rules: undefined, ...row };
  return new Map(
    Object.entries(groups).flatMap(([group, members = {}]) =>
      [...Object.entries({ ...members })].flatMap(([member, value]: [string, unknown]) =>
        typeof value === 'number' ? [[`${group}.${member}`, value] as const] : [],
      ),
    ),
  );
}
