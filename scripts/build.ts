/**
 * Builds `dist/`: the command line (`dist/cli`, CommonJS, since that starts fastest:
 * docs/decisions/0007-npm-only-distribution.md), the library (`dist/index.js`, one ES module) and its types
 * (`dist/types`). koffi stays outside the bundles: its native part cannot move.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild';
import { LATER_PARTS, PART_BREAK, PAYLOAD_PARTS } from '../src/agent/payload-parts.ts';
import { TSC } from './tsc.ts';

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

/** What would load a module is at hand in CommonJS: node:module takes 2 ms to make another. */
const withoutNodeModule: Plugin = {
  name: 'without node:module',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:module$/ }, () => ({ path: 'own', namespace: 'require' }));
    onLoad({ filter: /.*/, namespace: 'require' }, () => ({
      contents: 'export const createRequire = () => require;',
    }));
  },
};

/** What the command line does at most in one run: the modules of `src` that it loads for it. */
const DEEDS: Readonly<Record<string, readonly string[]>> = {
  start: ['cli/main.ts', 'cli/grammar.ts'],
  look: ['cli/commands/stack.ts', 'api/attach.ts'],
  talk: ['cli/commands/console.ts', 'cli/commands/getglobal.ts', 'api/agent.ts'],
  launch: ['agent/launch-agent.ts', 'target/live-target.ts'],
};

/**
 * Builds the command line as ES modules, which esbuild can split, and makes CommonJS of each. Modules are functions in files:
 * those that the same deeds need share one, since each file costs a quarter of a millisecond and each unneeded function a bit.
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
    plugins: [withoutSubprograms, withoutNodeModule],
  });
  const fileOf = sharedFiles(metafile);
  const modules = new Map<string, string[]>();
  const places: Record<string, string> = {};
  for (const { path, text } of outputFiles) {
    const name = basename(path, '.js');
    const file = fileOf.get(`dist/cli/${name}.js`) ?? name;
    modules.set(file, [
      ...(modules.get(file) ?? []),
      `${JSON.stringify(name)}:${asFunction(await toCommonJs(text))}`,
    ]);
    places[name] = file;
  }
  mkdirSync('dist/cli', { recursive: true });
  modules.get('start')?.push(`places:${JSON.stringify(places)}`);
  for (const [file, entries] of modules)
    writeFileSync(join('dist/cli', `${file}.cjs`), `({${entries.join(',')}})\n`);
}

/** In which file each output is that one of the deeds needs: named by all that do, `look+talk`. */
function sharedFiles(metafile: Metafile): ReadonlyMap<string, string> {
  const deedsOf = new Map<string, string[]>();
  for (const [deed, sources] of Object.entries(DEEDS)) {
    for (const output of neededAtOnce(metafile, sources))
      deedsOf.set(output, [...(deedsOf.get(output) ?? []), deed]);
  }
  return new Map(
    [...deedsOf].map(([output, deeds]) => [output, deeds[0] === 'start' ? 'start' : deeds.join('+')]),
  );
}

/** The outputs of these modules, those that one of them imports, and so on: loaded whenever these are. */
function neededAtOnce({ outputs }: Metafile, sources: readonly string[]): ReadonlySet<string> {
  const entries = new Map(Object.entries(outputs).map(([name, { entryPoint }]) => [entryPoint, name]));
  const needed = new Set(
    sources.map((source) => {
      const name = entries.get(`src/${source}`);
      if (name === undefined) throw new RangeError(`Cannot find ${source} among what is loaded late`);
      return name;
    }),
  );
  for (const name of needed) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[path] !== undefined) needed.add(path);
    }
  }
  return needed;
}

const MODULE_URL = "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;";

async function toCommonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    ...(text.includes('__moduleUrl') ? { banner: MODULE_URL } : {}),
  });
  return code.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, '$1$2$1');
}

function asFunction(code: string): string {
  return `function(exports,require,module,__filename,__dirname){${code}\n}`;
}

/** What `bin/compile.cjs` exports. */
interface Compiling {
  setFlags(): void;
  compileSoon(): void;
  keepCompiled(directory: string): void;
}

/** Builds the threads that sample: for each a file that a worker is started with, and its code, which that runs. */
async function buildWorkers(): Promise<void> {
  const { outputFiles } = await build({
    ...COMMON,
    format: 'cjs',
    write: false,
    entryPoints: { sampler: 'src/api/sampling-worker.ts', 'gil-sampler': 'src/api/gil-worker.ts' },
    outdir: 'dist/workers',
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: MODULE_URL },
  });
  mkdirSync('dist/workers');
  for (const { path, text } of outputFiles) {
    const name = basename(path, '.js');
    writeFileSync(`dist/workers/${name}.cjs`, `(${asFunction(text)})\n`);
    const code = `require('node:path').join(__dirname,'workers/${name}.cjs')`;
    writeFileSync(`dist/${name}.cjs`, `require('../bin/worker.cjs').run(${code});\n`);
  }
}

/**
 * Has V8 compile the command line, which takes a third of the time of a run, and keeps that beside it. The threads that sample
 * are started after `compileSoon()`, which sets other flags; and V8 in a thread takes only what was compiled in one.
 */
async function compileWhatIsBuilt(): Promise<void> {
  const compiling = resolve('bin/compile.cjs');
  const { setFlags, compileSoon, keepCompiled } = createRequire(import.meta.url)(compiling) as Compiling;
  setFlags();
  keepCompiled(resolve('dist/cli'));
  compileSoon();
  const [file, directory] = [compiling, resolve('dist/workers')].map((path) => JSON.stringify(path));
  await once(new Worker(`require(${file}).keepCompiled(${directory})`, { eval: true }), 'exit');
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
await buildWorkers();
await compileWhatIsBuilt();
await build({ ...COMMON, format: 'esm', entryPoints: { index: 'src/api/index.ts' }, outdir: 'dist' });
writeAgent();
cpSync('src/cli/demo', 'dist/demo', { recursive: true });
execFileSync(TSC, ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
