import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, type Interpreter } from './interpreters.ts';
import { programsSeenBy, startCommand, type Target } from './target.ts';

/** What compiling against an interpreter needs. */
interface Toolkit {
  readonly include: string;
  readonly library: string;
}

const SOURCE = fileURLToPath(new URL('../programs/embed.c', import.meta.url));

/** Tells why no program can be built that embeds this interpreter; `undefined` when one can. */
export function embeddingObstacle(interpreter: Interpreter): string | undefined {
  if (spawnSync('gcc', ['--version']).status !== 0) return 'no gcc';
  if (toolkitOf(interpreter) === undefined) return 'no headers or no libpython';
  return hasOldLibc(interpreter)
    ? 'the libc of its root is older than the one that gcc links with'
    : undefined;
}

/** Starts `service`, a C program that embeds the interpreter's libpython and runs `program`. */
export async function startEmbedded(interpreter: Interpreter, program: string): Promise<Target> {
  const { root } = interpreter;
  const outside = buildService(interpreter);
  const enter = root === undefined ? [outside] : ['chroot', root, outside.slice(root.length)];
  return startCommand(interpreter, enter, {
    env: {
      PYFLIGHT_EMBEDDED: join(programsSeenBy(interpreter), program),
      PYTHONHOME: root === undefined ? dirname(dirname(interpreter.path)) : '/usr',
    },
  });
}

/** A directory with a program that embeds an interpreter, and the libpython that it loads from there: as PyInstaller has it. */
export interface Bundle {
  readonly directory: string;
  readonly program: string;
  /** What the program needs to run Python code of a file. */
  readonly environment: (path: string) => NodeJS.ProcessEnv;
}

/** Makes a bundle that can be moved as a whole: the program finds its libpython by `$ORIGIN`. */
export function makeBundle(interpreter: Interpreter, directory: string): Bundle {
  const toolkit = toolkitOf(interpreter);
  if (toolkit === undefined) throw new Error(`${interpreter.name}: ${embeddingObstacle(interpreter)}`);
  const program = join(directory, 'service');
  const libraries = join(directory, '_internal');
  mkdirSync(libraries, { recursive: true });
  copyFileSync(toolkit.library, join(libraries, basename(toolkit.library)));
  compile(toolkit, program, '-Wl,-rpath,$ORIGIN/_internal');
  return {
    directory,
    program,
    environment: (path) => ({
      PATH: process.env['PATH'],
      PYFLIGHT_EMBEDDED: path,
      PYTHONHOME: dirname(dirname(interpreter.path)),
    }),
  };
}

/** Compiles embed.c against the interpreter once; the path of the program as we see it. */
function buildService(interpreter: Interpreter): string {
  const toolkit = toolkitOf(interpreter);
  if (toolkit === undefined) throw new Error(`${interpreter.name}: ${embeddingObstacle(interpreter)}`);
  const identity = `${interpreter.path}\0${interpreter.version}\0${readFileSync(SOURCE, 'utf8')}`;
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const directory =
    interpreter.root === undefined
      ? join(cacheDirectory(), 'embedded', digest)
      : join(interpreter.root, 'opt', 'pyflight-embedded', digest);
  const service = join(directory, 'service');
  if (existsSync(service)) return service;
  mkdirSync(directory, { recursive: true });
  const fresh = mkdtempSync(join(directory, 'fresh-'));
  try {
    compile(toolkit, join(fresh, 'service'), searchOf(interpreter, toolkit));
    renameSync(join(fresh, 'service'), service);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return service;
}

/** A library of another root may want a newer libc than ours, so what it lacks is left to its own root. */
function searchOf({ root }: Interpreter, { library }: Toolkit): string {
  return root === undefined
    ? `-Wl,-rpath,${dirname(library)}`
    : '-Wl,--unresolved-symbols=ignore-in-shared-libs';
}

function compile({ include, library }: Toolkit, output: string, search: string): void {
  const { status, stderr } = spawnSync(
    'gcc',
    ['-g', '-O1', `-I${include}`, `-I${dirname(include)}`, SOURCE, library, search, '-o', output],
    {
      encoding: 'utf8',
      cwd: tmpdir(),
    },
  );
  if (status !== 0) throw new Error(`gcc failed on embed.c:\n${stderr}`);
}

/** What gcc links since glibc 2.34 starts nowhere before; a root with our libc or a newer one has that version. */
function hasOldLibc({ root }: Interpreter): boolean {
  if (root === undefined) return false;
  const libc = join(root, 'lib', 'x86_64-linux-gnu', 'libc.so.6');
  return !existsSync(libc) || !readFileSync(libc).includes('GLIBC_2.34\0');
}

function toolkitOf({ root, path, family, isDebugBuild, isFreeThreaded }: Interpreter): Toolkit | undefined {
  const prefix = root === undefined ? dirname(dirname(path)) : join(root, 'usr');
  const flags = `${isFreeThreaded ? 't' : ''}${isDebugBuild ? 'd' : ''}`;
  const include = [`python${family}${flags}`, `python${family}m`]
    .map((name) => join(prefix, 'include', name))
    .find((directory) => existsSync(join(directory, 'Python.h')));
  const library = [join(prefix, 'lib'), join(prefix, 'lib', 'x86_64-linux-gnu')]
    .flatMap((directory) => entriesOf(directory).map((name) => join(directory, name)))
    .find((file) => new RegExp(`/libpython${family}m?${flags}\\.so\\.1\\.0$`).test(file));
  return include === undefined || library === undefined ? undefined : { include, library };
}

function entriesOf(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
