import { execFileSync, spawnSync } from 'node:child_process';
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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, type Interpreter } from './interpreters.ts';

/** The installation directory of an interpreter of our root. */
export function prefixOf({ path }: Interpreter): string {
  return dirname(dirname(path));
}

/** The shared libpython of an interpreter of our root. */
export function libpythonOf(interpreter: Interpreter): string {
  const directory = join(prefixOf(interpreter), 'lib');
  const name = readdirSync(directory).find((each) => /^libpython\d\.\d+m?\.so\.1\.0$/u.test(each));
  if (name === undefined) throw new RangeError(`${interpreter.name} has no libpython`);
  return join(directory, name);
}

/** An interpreter and its libpython, copied to where they can be harmed. */
export interface CopiedPython extends Disposable {
  readonly program: string;
  readonly libpython: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Copies the program and the libpython of an interpreter into a directory of their own; the rest stays where it is. */
export function copyPython(interpreter: Interpreter): CopiedPython {
  const directory = mkdtempSync(join(tmpdir(), 'pyflight-copied-'));
  const copy = (file: string): string => {
    const copied = join(directory, basename(file));
    copyFileSync(file, copied);
    return copied;
  };
  return {
    program: copy(interpreter.path),
    libpython: copy(libpythonOf(interpreter)),
    env: { LD_LIBRARY_PATH: directory, PYTHONHOME: prefixOf(interpreter) },
    [Symbol.dispose]() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Removes `.symtab` and the debugging information. */
export function strip(file: string): void {
  execFileSync('strip', ['-s', file]);
}

/** `e_shoff`, and `e_shentsize`, `e_shnum`, `e_shstrndx` (gABI, ELF Header). */
const SECTION_TABLE_FIELDS = [
  { from: 0x28, sizeBytes: 8 },
  { from: 0x3a, sizeBytes: 6 },
];

/** Makes the header of an ELF file deny that there are section headers, as packers and some strippers do. */
export function stripSectionHeaders(file: string): void {
  strip(file);
  const bytes = readFileSync(file);
  for (const { from, sizeBytes } of SECTION_TABLE_FIELDS) bytes.fill(0, from, from + sizeBytes);
  writeFileSync(file, bytes);
}

/** Puts another file in the place of one, as a package upgrade does: the path stays, the inode is new. */
export function replaceFile(file: string, by: string): void {
  copyFileSync(by, `${file}.new`);
  renameSync(`${file}.new`, file);
}

const DLOPEN_HOST = fileURLToPath(new URL('../programs/dlopen-host.c', import.meta.url));
const EMBED = fileURLToPath(new URL('../programs/embed.c', import.meta.url));

/** Compiles `dlopen-host.c`, which needs no Python to be compiled. */
export function buildDlopenHost(): string {
  return compiled('host', ['-g', '-O1', DLOPEN_HOST, '-ldl'], DLOPEN_HOST);
}

/** How a program that embeds a static libpython shows its symbols. */
export type StaticLook = 'exported' | 'hidden' | 'bare';

/** Compiles `embed.c` against the static libpython of an interpreter; `undefined` when it has none. */
export function buildStaticEmbed(interpreter: Interpreter, look: StaticLook): string | undefined {
  const kit = staticKitOf(interpreter);
  if (kit === undefined) return undefined;
  const linking = look === 'exported' ? ['-Wl,-export-dynamic'] : ['-no-pie', '-Wl,--exclude-libs,ALL', '-s'];
  const args = ['-O1', kit.include, EMBED, kit.archive, ...STATIC_LIBRARIES, ...linking];
  return compiled(`embed-${look}`, args, EMBED);
}

/** What a static libpython needs beside itself. */
const STATIC_LIBRARIES = ['-lm', '-ldl', '-lutil', '-lpthread', '-lrt'];

function staticKitOf(
  interpreter: Interpreter,
): { readonly archive: string; readonly include: string } | undefined {
  const prefix = prefixOf(interpreter);
  const archive = execFileSync('find', [join(prefix, 'lib'), '-name', 'libpython*.a'], {
    encoding: 'utf8',
  }).trim();
  const [include] = readdirSync(join(prefix, 'include')).filter((name) => name.startsWith('python'));
  if (archive === '' || include === undefined) return undefined;
  return { archive, include: `-I${join(prefix, 'include', include)}` };
}

/**
 * Makes a library of the C program and the static libpython of an interpreter in which nothing has a name, as a plug-in
 * of another program may be; `undefined` when the interpreter has no static libpython.
 */
export function buildPlugin(interpreter: Interpreter): string | undefined {
  const kit = staticKitOf(interpreter);
  if (kit === undefined) return undefined;
  const linking = ['-Wl,--exclude-libs,ALL', '-s', '-shared', '-fPIC'];
  return compiled(
    'plugin-bare',
    ['-O1', kit.include, EMBED, kit.archive, ...STATIC_LIBRARIES, ...linking],
    EMBED,
  );
}

/** Compiles once; the arguments and the source's text name the result. */
function compiled(name: string, args: readonly string[], source: string): string {
  const digest = createHash('sha256')
    .update([name, ...args].join('\0'))
    .update(readFileSync(source))
    .digest('hex')
    .slice(0, 16);
  const directory = join(cacheDirectory(), 'embedded', digest);
  const program = join(directory, name);
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  const fresh = mkdtempSync(join(directory, 'fresh-'));
  const { status, stderr } = spawnSync('gcc', [...args, '-o', join(fresh, name)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc failed on ${source}:\n${stderr}`);
  if (name.endsWith('-bare')) stripSectionHeaders(join(fresh, name));
  renameSync(join(fresh, name), program);
  rmSync(fresh, { recursive: true });
  return program;
}

/** Tells whether there is a compiler for C programs. */
export function hasCompiler(): boolean {
  return spawnSync('gcc', ['--version']).status === 0;
}
