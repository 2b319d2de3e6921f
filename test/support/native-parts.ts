import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findInterpreters, type Interpreter } from './interpreters.ts';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const COMPILED = ['-O2', '-g', '-fPIC', '-shared'];

/** What `native-ways.py` is compiled from, the compiler, and what becomes of it. */
const PARTS = [
  { compiler: 'gcc', args: COMPILED, source: 'native-extension.c', product: 'c_extension.so' },
  { compiler: 'g++', args: COMPILED, source: 'native-extension.cpp', product: 'cpp_extension.so' },
  { compiler: 'gcc', args: COMPILED, source: 'native-signals.c', product: 'signals.so' },
  {
    compiler: 'rustc',
    args: ['-O', '-g', '--crate-type', 'cdylib'],
    source: 'native-library.rs',
    product: 'rust.so',
  },
] as const;

/** Compiles what can be compiled here into a directory; the answer names what could not be, and why. */
export function compileNativeParts(directory: string): readonly string[] {
  const include = headersOfAny();
  return PARTS.flatMap(({ compiler, args, source, product }) => {
    const needsHeaders = source.startsWith('native-extension');
    if (needsHeaders && include === undefined) return [`${product}: no headers of CPython`];
    const headers = needsHeaders ? [`-I${include}`] : [];
    const output = ['-o', join(directory, product), join(PROGRAMS, source)];
    const { status, error, stderr } = spawnSync(compiler, [...args, ...headers, ...output], {
      encoding: 'utf8',
    });
    if (error !== undefined) return [`${product}: no ${compiler}`];
    if (status !== 0) throw new Error(`${compiler} ${source}: ${stderr}`);
    return [];
  });
}

/** The extensions keep to the limited API, so that headers of any version with a GIL will do for all those. */
function headersOfAny(): string | undefined {
  return findInterpreters()
    .filter(({ family, root, isFreeThreaded }) => family !== '2.7' && root === undefined && !isFreeThreaded)
    .map(headersOf)
    .find((include) => include !== undefined);
}

/** Where the headers of an interpreter lie; `undefined` without any. */
export function headersOf({ command: [program = '', ...args] }: Interpreter): string | undefined {
  const question = 'import sysconfig; print(sysconfig.get_paths()["include"])';
  const { stdout } = spawnSync(program, [...args, '-c', question], { encoding: 'utf8' });
  const include = stdout.trim();
  try {
    return readdirSync(include).includes('Python.h') ? include : undefined;
  } catch {
    return undefined;
  }
}
