/**
 * Builds `dist/`: the command line (`dist/cli`, CommonJS, since that starts fastest:
 * docs/decisions/0007-npm-only-distribution.md), the library (`dist/index.js`, one ES module) and its types
 * (`dist/types`). koffi stays outside the bundles: its native part cannot move.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Script } from 'node:vm';
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild';
import { LATER_PARTS, PART_BREAK, PAYLOAD_PARTS } from '../src/agent/payload-parts.ts';

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['koffi'],
  // Names stay as they are, so that a stack trace in a report of a bug can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
};

/** commander loads what starts programs, 9 ms, for commands that are programs of their own. None of ours is. */
const withoutSubprograms: Plugin = {
  name: 'without subprograms',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/') ? { path: 'none', namespace: 'empty' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
  },
};

/** What not every command needs and is large: files of their own. All else that is imported late is one file with the rest. */
const LATE = /\/(?:native-stacks|core|open-agent|open-reader|prompt|prompt-host)\.ts$/;

/**
 * Has what is imported late evaluated late, but read at once: each further file costs a millisecond. Only what is
 * `LATE` becomes a file of its own.
 */
const inOneFile: Plugin = {
  name: 'in one file',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/(?:api|cli)\/.*\.ts$/ }, ({ path }) => {
      const isLate = (target: string): boolean => LATE.test(target) && !path.endsWith('/commands/index.ts');
      const contents = readFileSync(path, 'utf8').replaceAll(
        /await import\('(\.[^']+)'\)/g,
        (all, target: string) => (isLate(target) ? all : `require('${target}')`),
      );
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * Builds the command line as ES modules, which esbuild can split, and makes CommonJS of each. Those that every run needs are
 * functions of one file, `start.cjs`.
 */
async function buildCommandLine(): Promise<void> {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: 'dist/cli',
    define: { 'import.meta.url': '__moduleUrl' },
    plugins: [withoutSubprograms, inOneFile],
  });
  const always = neededAtOnce(metafile, 'dist/cli/main.js');
  mkdirSync('dist/cli', { recursive: true });
  const together: string[] = [];
  for (const { path, text } of outputFiles) {
    const code = await toCommonJs(text);
    const name = basename(path).replace(/\.js$/, '.cjs');
    if (always.has(`dist/cli/${basename(path)}`))
      together.push(`${JSON.stringify(name)}:${asFunction(code)}`);
    else writeFileSync(join('dist/cli', name), code);
  }
  writeFileSync('dist/cli/start.cjs', `module.exports={${together.join(',')}};\n`);
}

/** The outputs that one of them imports, and those that these import: loaded whenever it is. */
function neededAtOnce({ outputs }: Metafile, first: string): ReadonlySet<string> {
  const needed = new Set([first]);
  for (const name of needed) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[path] !== undefined) needed.add(path);
    }
  }
  return needed;
}

async function toCommonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    banner: "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;",
  });
  return code.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, '$1$2.cjs$1');
}

function asFunction(code: string): string {
  return `function(exports,require,module,__filename,__dirname){${code}\n}`;
}

/** What `bin/compile.cjs` exports. */
interface Compiling {
  setFlags(): void;
  compile(filename: string): Script;
}

/**
 * Has V8 compile the command line, which takes a third of the time of a run, and keeps that beside it: every function,
 * not only those that are called at once.
 */
function compileCommandLine(): void {
  const { setFlags, compile } = createRequire(import.meta.url)('../bin/compile.cjs') as Compiling;
  setFlags();
  for (const name of readdirSync('dist/cli')) {
    const filename = resolve('dist/cli', name);
    setFlagsFromString('--no-lazy');
    const script = compile(filename);
    setFlagsFromString('--lazy');
    writeFileSync(`${filename}.compiled`, script.createCachedData());
  }
}

/** Joins the parts of the agent that come in together to one file; the others stay files of their own. */
function writeAgent(): void {
  const parts = PAYLOAD_PARTS.map((name) => readFileSync(`src/agent/python/${name}.py`, 'utf8'));
  writeFileSync('dist/agent.py', parts.join(PART_BREAK));
  mkdirSync('dist/agent');
  for (const name of LATER_PARTS) cpSync(`src/agent/python/${name}.py`, `dist/agent/${name}.py`);
}

rmSync('dist', { recursive: true, force: true });
await buildCommandLine();
compileCommandLine();
await build({ ...COMMON, format: 'esm', entryPoints: { index: 'src/api/index.ts' }, outdir: 'dist' });
writeAgent();
cpSync('src/cli/demo', 'dist/demo', { recursive: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
