import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type ElfFacts, readElfFacts } from './elf-facts.ts';

/** The minor versions that pyflight supports; the live matrix wants an interpreter of each. */
export const SUPPORTED_FAMILIES: readonly string[] = [
  '2.7',
  '3.6',
  '3.7',
  '3.8',
  '3.9',
  '3.10',
  '3.11',
  '3.12',
  '3.13',
  '3.14',
  '3.15',
];

const KINDS = ['shared', 'static', 'other-root', 'free-threaded', 'debug'] as const;

/** How an interpreter differs from the others; the most telling word where several hold. */
export type InterpreterKind = (typeof KINDS)[number];

/** A CPython that target programs can be started under. */
export interface Interpreter {
  /** Tells it from all others in a test's title: `3.11.7 pyenv`. */
  readonly name: string;
  /** As `sys.version_info` has it: `3.15.0b1`. */
  readonly version: string;
  readonly family: string;
  readonly kind: InterpreterKind;
  /** The first words of its command line: the program, with `chroot` and the root before it in another root. */
  readonly command: readonly string[];
  /** The directory that it sees as `/`; `undefined` when it is ours. */
  readonly root?: string;
  /** The real path of the program, as we see it. */
  readonly path: string;
  /** The file that holds the interpreter, the program or its libpython, has no `.symtab`. */
  readonly isStripped: boolean;
  readonly isShared: boolean;
  readonly isDebugBuild: boolean;
  readonly isFreeThreaded: boolean;
}

/** An interpreter that is there and cannot be used, with the reason. */
export interface UnusableInterpreter {
  readonly name: string;
  readonly family: string;
  readonly reason: string;
}

/** What `scripts/fetch-pythons.ts` writes into a root as `pyflight-root.json`. */
interface RootDescription {
  readonly origin: string;
  readonly family: string;
  readonly program: string;
}

interface Candidate {
  readonly program: string;
  readonly origin: string;
  readonly root?: string;
}

interface SelfDescription {
  readonly version: string;
  readonly family: string;
  readonly isDebugBuild: boolean;
  readonly isFreeThreaded: boolean;
  readonly libraryDirectory: string | null;
}

const DESCRIBE_SELF = `
import json, sys, sysconfig
level = {"alpha": "a", "beta": "b", "candidate": "rc", "final": ""}[sys.version_info[3]]
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3] + (level + str(sys.version_info[4]) if level else ""),
    "family": "%d.%d" % sys.version_info[:2],
    "isDebugBuild": hasattr(sys, "gettotalrefcount"),
    "isFreeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "libraryDirectory": sysconfig.get_config_var("LIBDIR"),
}))`;

const PROGRAM_NAME = /^python(3|2\.7|3\.\d+t?)$/;

let found: readonly Interpreter[] | undefined;

/** Where interpreters that were fetched are kept, outside of the repository. */
export function cacheDirectory(): string {
  const { PYFLIGHT_CACHE, XDG_CACHE_HOME } = process.env;
  return PYFLIGHT_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pyflight');
}

/** Takes what another process has found, which saves starting every interpreter. */
export function knowInterpreters(interpreters: readonly Interpreter[]): void {
  found = interpreters;
}

/** Finds every usable CPython of a supported family, once per process. */
export function findInterpreters(): readonly Interpreter[] {
  found ??= discoverInterpreters();
  return found;
}

/** Tells whether an interpreter has a package that does not come with it. */
export function canImport({ path }: Interpreter, name: string): boolean {
  return spawnSync(path, ['-c', `import ${name}`]).status === 0;
}

/** Looks for every usable CPython anew: pyenv's, those on PATH, and the roots of the cache. */
export function discoverInterpreters(): readonly Interpreter[] {
  return describeAll([...pyenvCandidates(), ...pathCandidates(), ...(isRoot() ? rootCandidates() : [])]);
}

/** The first interpreter of each of these families, an ordinary build where there is one. */
export function firstOfEach(
  families: readonly string[],
  among: readonly Interpreter[] = findInterpreters(),
): readonly Interpreter[] {
  return families.flatMap((wanted) => among.find(({ family }) => family === wanted) ?? []);
}

/** Names the interpreters of the cache that cannot be entered, with the reason. */
export function findUnusableInterpreters(): readonly UnusableInterpreter[] {
  if (isRoot()) return [];
  return describedRoots().map(({ description }) => ({
    name: `${description.family} ${description.origin}`,
    family: description.family,
    reason: 'lies in another root, which only the superuser can enter with chroot',
  }));
}

function describeAll(candidates: readonly Candidate[]): readonly Interpreter[] {
  // One file may have several names, as python3.13 and python3.13t of a free-threaded installation.
  const byFile = new Map<string, Interpreter>();
  for (const candidate of candidates) {
    const path = realpathSync(join(candidate.root ?? '/', candidate.program));
    const { dev, ino } = statSync(path);
    const file = `${dev}:${ino}`;
    if (byFile.has(file)) continue;
    const interpreter = describe(candidate, path);
    if (interpreter !== undefined) byFile.set(file, interpreter);
  }
  return [...byFile.values()]
    .filter(({ family }) => SUPPORTED_FAMILIES.includes(family))
    .sort((left, right) => rankOf(left) - rankOf(right));
}

/** Orders by family, and within one the ordinary builds before the others. */
function rankOf({ family, kind }: Interpreter): number {
  return SUPPORTED_FAMILIES.indexOf(family) * KINDS.length + KINDS.indexOf(kind);
}

/** Asks the interpreter itself; `undefined` for a program that is no ELF file (a shim) or does not answer. */
function describe({ program, origin, root }: Candidate, path: string): Interpreter | undefined {
  const elf = readElfFacts(path);
  if (elf === undefined) return undefined;
  const command = root === undefined ? [path] : ['chroot', root, program];
  const [first = path, ...rest] = command;
  const answer = spawnSync(first, [...rest, '-S', '-E', '-B', '-c', DESCRIBE_SELF], { encoding: 'utf8' });
  if (answer.status !== 0) return undefined;
  const self: SelfDescription = JSON.parse(answer.stdout);
  const library = libpythonOf(elf, join(root ?? '/', self.libraryDirectory ?? ''), path);
  const isShared = elf.needed.some(isLibpython);
  return {
    name: `${self.version} ${origin}`,
    version: self.version,
    family: self.family,
    kind: kindOf(self, isShared, root),
    command,
    ...(root === undefined ? {} : { root }),
    path,
    isStripped: (library ?? elf).isStripped,
    isShared,
    isDebugBuild: self.isDebugBuild,
    isFreeThreaded: self.isFreeThreaded,
  };
}

function kindOf(self: SelfDescription, isShared: boolean, root: string | undefined): InterpreterKind {
  if (self.isFreeThreaded) return 'free-threaded';
  if (self.isDebugBuild) return 'debug';
  if (root !== undefined) return 'other-root';
  return isShared ? 'shared' : 'static';
}

function isLibpython(name: string): boolean {
  return name.startsWith('libpython');
}

function libpythonOf(program: ElfFacts, libraryDirectory: string, path: string): ElfFacts | undefined {
  const name = program.needed.find(isLibpython);
  if (name === undefined) return undefined;
  const directories = [libraryDirectory, join(dirname(path), '..', 'lib')];
  const file = directories.map((directory) => join(directory, name)).find(existsSync);
  return file === undefined ? undefined : readElfFacts(file);
}

function pyenvCandidates(): readonly Candidate[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  return entriesOf(versions).flatMap((version) => {
    const bin = join(versions, version, 'bin');
    return programsIn(bin).map((program) => ({ program, origin: 'pyenv' }));
  });
}

function pathCandidates(): readonly Candidate[] {
  const directories = (process.env['PATH'] ?? '').split(':').filter((directory) => directory.startsWith('/'));
  return directories.flatMap((directory) =>
    programsIn(directory).map((program) => ({
      program,
      origin: ['/bin', '/usr/bin'].includes(directory) ? 'system' : directory,
    })),
  );
}

function rootCandidates(): readonly Candidate[] {
  return describedRoots().map(({ root, description }) => ({
    program: description.program,
    origin: description.origin,
    root,
  }));
}

function describedRoots(): readonly { readonly root: string; readonly description: RootDescription }[] {
  const roots = join(cacheDirectory(), 'roots');
  return entriesOf(roots).flatMap((name) => {
    const root = join(roots, name);
    const file = join(root, 'pyflight-root.json');
    if (!existsSync(file)) return [];
    const description: RootDescription = JSON.parse(readFileSync(file, 'utf8'));
    return [{ root, description }];
  });
}

function programsIn(directory: string): readonly string[] {
  return entriesOf(directory)
    .filter((name) => PROGRAM_NAME.test(basename(name)))
    .map((name) => join(directory, name))
    .filter(existsSync);
}

function entriesOf(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
