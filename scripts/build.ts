/**
 * Builds `dist/`: the CLI (`dist/cli`, split so that a command loads only what it needs), the library
 * (`dist/index.js`, one file) and its types (`dist/types`). koffi stays outside the bundles: its native part cannot
 * move. The two are built apart, since shared chunks would be many small files, and each costs a millisecond to load.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';

const COMMON: BuildOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi'],
  // commander is CommonJS; bundled into an ES module it needs a `require` of its own.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  // Names stay as they are, so that a stack trace in a report of a bug can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
await build({
  ...COMMON,
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: 'dist/cli',
  splitting: true,
  chunkNames: '[name]-[hash]',
});
await build({ ...COMMON, entryPoints: { index: 'src/api/index.ts' }, outdir: 'dist' });
cpSync('src/cli/demo', 'dist/demo', { recursive: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
