import { WORD_BYTES } from '../../base/address.ts';
import { ByteCursor } from '../../base/byte-cursor.ts';
import { UnsupportedPythonError } from '../../base/errors.ts';
import { formatPythonVersion, type PythonVersion } from '../../model/python-version.ts';
import { DEBUG_OFFSET_TABLES, type DebugOffsetGroup, type DebugOffsetTable } from './debug-offset-tables.ts';
import { parseVersionHex } from './python-version.ts';

/** What a target of CPython 3.13 or later says of its own structs, in CPython's own words. */
export interface DebugOffsets {
  readonly version: PythonVersion;
  /** Group, then field: `groups['code_object']?.['filename']`. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** How many bytes `parseDebugOffsetsHeader` needs: cookie, version, free_threaded. */
export const DEBUG_OFFSETS_HEADER_BYTES = 24;

/** What `_PyRuntime` begins with, 3.13 and later. */
export const DEBUG_OFFSETS_COOKIE = 'xdebugpy';

const SOURCE = '_Py_DebugOffsets';
const LARGEST_STRUCT_BYTES = 1024 * 1024;

/** _Py_MAX_SCRIPT_PATH_SIZE, cpython/Include/cpython/pystate.h, 3.14. */
const SCRIPT_PATH_BYTES = 512;

/**
 * Reads cookie, version and build from the beginning of `_PyRuntime`.
 * @throws {MalformedInputError} when the bytes are no such table
 */
export function parseDebugOffsetsHeader(bytes: Uint8Array): PythonVersion {
  const cursor = new ByteCursor(bytes, SOURCE);
  const cookie = Buffer.from(cursor.bytes(DEBUG_OFFSETS_COOKIE.length)).toString('latin1');
  if (cookie !== DEBUG_OFFSETS_COOKIE) {
    cursor.seek(0);
    throw cursor.fail(`no cookie ${DEBUG_OFFSETS_COOKIE}`);
  }
  const hexVersion = cursor.size();
  const version = parseVersionHex(hexVersion);
  const freeThreaded = cursor.size();
  if (version === undefined || freeThreaded > 1) {
    cursor.seek(DEBUG_OFFSETS_COOKIE.length);
    throw cursor.fail(`version ${hexVersion}, free-threaded ${freeThreaded}: no CPython has these`);
  }
  return { ...version, isFreeThreaded: freeThreaded === 1 };
}

/**
 * Tells how many bytes the table of a version has.
 * @throws {UnsupportedPythonError} for a version whose list of fields we do not know
 */
export function debugOffsetsSizeBytes(version: PythonVersion): number {
  const words = Object.values(tableFor(version).groups).reduce((sum, { fields }) => sum + fields.length, 0);
  return DEBUG_OFFSETS_HEADER_BYTES + words * WORD_BYTES;
}

/**
 * Reads the whole table; the bytes may go on after its end.
 * @throws {UnsupportedPythonError} for a version whose list of fields we do not know
 * @throws {MalformedInputError} when the bytes are cut off or contradict themselves
 */
export function parseDebugOffsets(bytes: Uint8Array): DebugOffsets {
  const version = parseDebugOffsetsHeader(bytes);
  const table = tableFor(version);
  const cursor = new ByteCursor(bytes, SOURCE, DEBUG_OFFSETS_HEADER_BYTES);
  const groups: Record<string, Readonly<Record<string, number>>> = {};
  for (const [name, group] of Object.entries(table.groups)) groups[name] = parseGroup(cursor, name, group);
  checkAcrossGroups(cursor, groups);
  return { version, groups };
}

function tableFor(version: PythonVersion): DebugOffsetTable {
  const table = DEBUG_OFFSET_TABLES[`${version.major}.${version.minor}`];
  if (table === undefined) {
    const known = Object.keys(DEBUG_OFFSET_TABLES).join(', ');
    throw new UnsupportedPythonError(
      formatPythonVersion(version),
      `no list of the fields of its _Py_DebugOffsets, only of ${known}`,
    );
  }
  if (isBefore(version, table.first)) {
    throw new UnsupportedPythonError(
      formatPythonVersion(version),
      `its _Py_DebugOffsets differs from the one of ${formatPythonVersion({ ...version, ...table.first })}`,
    );
  }
  return table;
}

const LEVELS = ['alpha', 'beta', 'candidate', 'final'] as const;

/** Only pre-releases of x.y.0 come before the first that we know. */
function isBefore(version: PythonVersion, first: DebugOffsetTable['first']): boolean {
  if (version.micro !== 0) return false;
  const level = LEVELS.indexOf(version.releaseLevel) - LEVELS.indexOf(first.releaseLevel);
  return level < 0 || (level === 0 && version.serial < first.serial);
}

function parseGroup(
  cursor: ByteCursor,
  name: string,
  group: DebugOffsetGroup,
): Readonly<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const field of group.fields) {
    const at = cursor.offset;
    const value = cursor.size();
    values[field] = value;
    const state = faultOf(field, value, values['size'], group);
    if (state === undefined) continue;
    cursor.seek(at);
    throw cursor.fail(`${name}.${field} is ${value}, ${state}`);
  }
  return values;
}

/** What is wrong with one value, in words that follow it; `undefined` when nothing is. */
function faultOf(
  field: string,
  value: number,
  structBytes: number | undefined,
  group: DebugOffsetGroup,
): string | undefined {
  if (field === 'size')
    return value === 0 || value > LARGEST_STRUCT_BYTES ? 'no size of a struct' : undefined;
  if (group.sizes?.includes(field)) return value > LARGEST_STRUCT_BYTES ? 'no size of a struct' : undefined;
  const memberBytes = group.narrow?.[field] ?? WORD_BYTES;
  if (value % memberBytes !== 0) return `not a multiple of ${memberBytes}`;
  if (value + memberBytes > (structBytes ?? LARGEST_STRUCT_BYTES))
    return `outside its struct of ${structBytes ?? LARGEST_STRUCT_BYTES} bytes`;
  return undefined;
}

/** A table read with a wrong list of fields fails here even when every single value looks possible. */
function checkAcrossGroups(
  cursor: ByteCursor,
  groups: Readonly<Record<string, Readonly<Record<string, number>>>>,
): void {
  // tp_name is the first member after PyVarObject, whose ob_size follows PyObject.
  const tpName = groups['type_object']?.['tp_name'];
  const objectBytes = groups['pyobject']?.['size'] ?? 0;
  if (tpName !== objectBytes + WORD_BYTES)
    throw cursor.fail(`type_object.tp_name is ${tpName}, after an object head of ${objectBytes} bytes`);
  const scriptPath = groups['debugger_support']?.['debugger_script_path_size'];
  if (scriptPath !== undefined && scriptPath !== SCRIPT_PATH_BYTES)
    throw cursor.fail(`debugger_script_path_size is ${scriptPath}, not ${SCRIPT_PATH_BYTES}`);
  const { gil_runtime_state: gil, gil_runtime_state_locked: locked } = groups['interpreter_state'] ?? {};
  if (gil === undefined || locked === undefined || locked < gil)
    throw cursor.fail(`gil_runtime_state_locked is ${locked}, before the lock at ${gil}`);
}
