import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** A CPython whose structs can be measured. */
export interface Installation {
  /** `3.11`. */
  readonly minor: string;
  /** `3.11.7`, as its patchlevel.h says. */
  readonly version: string;
  /** The directory that holds Python.h. */
  readonly includeDirectory: string;
  /** The file whose DWARF describes structs that no header declares. */
  readonly dwarfFile: string | undefined;
  /** The interpreter itself, for a live comparison. */
  readonly executable: string | undefined;
}

const DESCRIBE_ITSELF = [
  'import sysconfig, os, sys',
  'v = sysconfig.get_config_var',
  'lib = os.path.join(v("LIBDIR") or "", v("INSTSONAME") or v("LDLIBRARY") or "")',
  'shared = v("Py_ENABLE_SHARED") and os.path.exists(lib)',
  'print(sysconfig.get_paths()["include"])',
  'print(lib if shared else os.path.realpath(sys.executable))',
].join('\n');

/** Asks an interpreter where its headers and its DWARF are; `undefined` when it has no headers. */
export function installationOf(executable: string): Installation | undefined {
  const output = execFileSync(executable, ['-c', DESCRIBE_ITSELF], { encoding: 'utf8' });
  const [includeDirectory = '', dwarfFile] = output.trim().split('\n');
  if (!existsSync(join(includeDirectory, 'Python.h'))) return undefined;
  return { ...installationFromHeaders(includeDirectory, dwarfFile), executable };
}

/** Describes unpacked headers that come without an interpreter. */
export function installationFromHeaders(
  includeDirectory: string,
  dwarfFile: string | undefined,
): Installation {
  const text = readFileSync(join(includeDirectory, 'patchlevel.h'), 'utf8');
  const version = /#define\s+PY_VERSION\s+"([^"]+)"/.exec(text)?.[1];
  const minor = version === undefined ? undefined : /^\d+\.\d+/.exec(version)?.[0];
  if (version === undefined || minor === undefined)
    throw new TypeError(`Cannot measure ${includeDirectory}: patchlevel.h names no version`);
  return { minor, version, includeDirectory, dwarfFile, executable: undefined };
}

/** Finds the interpreters of pyenv and of PATH, each once. */
export function findExecutables(): readonly string[] {
  const pyenv = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const ofPyenv = existsSync(pyenv)
    ? readdirSync(pyenv).map((name) => join(pyenv, name, 'bin', 'python'))
    : [];
  const ofPath = (process.env['PATH'] ?? '')
    .split(':')
    .filter((directory) => existsSync(directory) && !directory.endsWith('/shims'))
    .flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => /^python\d\.\d+$/.test(name))
        .map((name) => join(directory, name)),
    );
  const found = new Map(
    [...ofPyenv, ...ofPath].filter(existsSync).map((path) => [realpathSync(path), path] as const),
  );
  return [...found.values()].sort((left, right) => dirname(left).localeCompare(dirname(right)));
}
