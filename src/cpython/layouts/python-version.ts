import type { PythonVersion } from '../../model/python-version.ts';

const LEVELS = new Map<number, PythonVersion['releaseLevel']>([
  [0xa, 'alpha'],
  [0xb, 'beta'],
  [0xc, 'candidate'],
  [0xf, 'final'],
]);

const LEVELS_BY_LETTERS = new Map<string, PythonVersion['releaseLevel']>([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['rc', 'candidate'],
  ['c', 'candidate'],
]);

/**
 * Parses PY_VERSION_HEX, which `Py_Version` and `_Py_DebugOffsets` hold; `undefined` when no version looks so.
 * It says nothing of build options.
 */
export function parseVersionHex(value: number): PythonVersion | undefined {
  if (!Number.isSafeInteger(value) || value < 0 || value > 0xffff_ffff) return undefined;
  const releaseLevel = LEVELS.get((value >>> 4) & 0xf);
  const major = value >>> 24;
  if (releaseLevel === undefined || (major !== 2 && major !== 3)) return undefined;
  return {
    major,
    minor: (value >>> 16) & 0xff,
    micro: (value >>> 8) & 0xff,
    releaseLevel,
    serial: value & 0xf,
    isFreeThreaded: false,
    isDebugBuild: false,
  };
}

/**
 * `3.11.7 (main, Jan  1 2024, 00:00:00) [GCC 12.2.0]`, `2.7.18 (default, …`, `3.13.0rc1+ experimental
 * free-threading build (…`, `3.14.0 free-threading build (…`
 */
const BANNER =
  /(?<![\d.])(?<major>[23])\.(?<minor>\d{1,2})\.(?<micro>\d{1,3})(?:(?<level>a|b|c|rc)(?<serial>\d{1,2}))?\+? (?<free>(?:experimental )?free-threading build )?\([^\n\0]{1,256}/;

/**
 * Finds the version in a text that holds what Py_GetVersion() returns; `undefined` when there is none.
 * The banner does not tell a debug build.
 */
export function pythonVersionFromBanner(text: string): PythonVersion | undefined {
  const groups = BANNER.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const level = groups['level'];
  const releaseLevel = level === undefined ? 'final' : LEVELS_BY_LETTERS.get(level);
  if (releaseLevel === undefined) return undefined;
  return {
    major: Number(groups['major']),
    minor: Number(groups['minor']),
    micro: Number(groups['micro']),
    releaseLevel,
    serial: Number(groups['serial'] ?? 0),
    isFreeThreaded: groups['free'] !== undefined,
    isDebugBuild: false,
  };
}
