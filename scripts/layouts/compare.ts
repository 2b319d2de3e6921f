import { DEBUG_OFFSET_TABLES } from '../../src/cpython/layouts/debug-offset-tables.ts';
import {
  DEBUG_OFFSETS_HEADER_BYTES,
  debugOffsetsSizeBytes,
  parseDebugOffsets,
} from '../../src/cpython/layouts/debug-offsets.ts';
import type { MeasuredLayout } from '../../src/cpython/layouts/layout.ts';
import { layoutFromDebugOffsets } from '../../src/cpython/layouts/layout-from-debug-offsets.ts';
import { PROBES } from './probes.ts';

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
