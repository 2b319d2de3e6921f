import { UnsupportedPythonError } from '../../base/errors.ts';
import { formatPythonVersion, type PythonVersion } from '../../model/python-version.ts';
import { MEASURED_LAYOUTS } from './generated/index.ts';
import type { Layout, MeasuredLayout } from './layout.ts';
import { PATCH_RELEASES, type PatchReleases } from './patch-releases.ts';
import { RULES } from './rules.ts';

/**
 * Finds the row of a version whose target does not publish its own: 2.7 and 3.6 to 3.12.
 * @throws {UnsupportedPythonError} for a version without a row, or one of 3.13 and later
 */
export function layoutFor(version: PythonVersion): Layout {
  if (publishesDebugOffsets(version)) {
    throw new UnsupportedPythonError(
      formatPythonVersion(version),
      'its offsets come from the _Py_DebugOffsets of the target, which were not found',
    );
  }
  if (version.releaseLevel === 'alpha' || version.releaseLevel === 'beta') {
    throw new UnsupportedPythonError(
      formatPythonVersion(version),
      'a pre-release whose structs differ from those of the release',
    );
  }
  const layout = measuredLayoutFor(version);
  if (layout === undefined) throw unknownVersion(version);
  return layout;
}

/** Tells whether CPython 3.13 or later runs, which describes its structs itself. */
export function publishesDebugOffsets({ major, minor }: PythonVersion): boolean {
  return major > 3 || (major === 3 && minor >= 13);
}

/** Finds the measured row of a version, whether or not its target publishes offsets too. */
export function measuredLayoutFor(version: PythonVersion): Layout | undefined {
  const { major, minor, micro, isFreeThreaded, isDebugBuild } = version;
  const name = `${major}.${minor}${isFreeThreaded ? 't' : ''}`;
  const row = patchedRow(isDebugBuild ? `${name}d` : name, micro);
  const rules = RULES[name];
  return row === undefined || rules === undefined ? undefined : { ...row, rules };
}

/** Finds the measured row of a build, `3.13t` or `3.8d`, with what the patch release keeps elsewhere. */
export function patchedRow(build: string, micro: number): MeasuredLayout | undefined {
  const measured = MEASURED_LAYOUTS[build]?.();
  const patches = PATCH_RELEASES[build.replace(/d$/, '')];
  if (measured === undefined || patches === undefined || !isAmong(micro, patches)) return measured;
  const { runtime, collector, lock } = measured;
  return {
    ...measured,
    runtime: runtime && { ...runtime, ...patches.runtime },
    collector: patches.collector ?? collector,
    lock: patches.lock ?? lock,
  };
}

function isAmong(micro: number, { micros: [first, last] }: PatchReleases): boolean {
  return micro >= first && micro <= last;
}

/** Makes the error for a version without a row, which lists the rows that there are. */
export function unknownVersion(version: PythonVersion): UnsupportedPythonError {
  return new UnsupportedPythonError(
    formatPythonVersion(version),
    `no table of its structs, only of ${Object.keys(MEASURED_LAYOUTS).join(', ')}`,
  );
}
