/** Which CPython a target runs, as its own version number and build options say. */
export interface PythonVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
  readonly releaseLevel: 'alpha' | 'beta' | 'candidate' | 'final';
  /** Number of the pre-release; 0 for a final release. */
  readonly serial: number;
  /** Built with `--disable-gil`. */
  readonly isFreeThreaded: boolean;
  /** Built with `--with-pydebug`. */
  readonly isDebugBuild: boolean;
}

const LEVEL_LETTERS = { alpha: 'a', beta: 'b', candidate: 'rc', final: '' } as const;

/** Formats a version as Python does: `3.11.7`, `3.15.0b4`; build options follow: `3.13.0 free-threaded`. */
export function formatPythonVersion(version: PythonVersion): string {
  const { major, minor, micro, releaseLevel, serial } = version;
  const level = releaseLevel === 'final' ? '' : `${LEVEL_LETTERS[releaseLevel]}${serial}`;
  const build = `${version.isFreeThreaded ? ' free-threaded' : ''}${version.isDebugBuild ? ' debug' : ''}`;
  return `${major}.${minor}.${micro}${level}${build}`;
}
