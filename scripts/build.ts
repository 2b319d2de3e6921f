/**
 * Builds `dist/`: the command line (`dist/cli/main.cjs`, one CommonJS file, since that starts fastest:
 * docs/decisions/0007-npm-only-distribution.md), the library (`dist/index.js`, one ES module) and its types
 * (`dist/types`). koffi stays outside the bundles: its native part cannot move.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { type BuildOptions, build, type Plugin } from 'esbuild';

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

rmSync('dist', { recursive: true, force: true });
await build({
  ...COMMON,
  format: 'cjs',
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: 'dist/cli',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
  plugins: [withoutSubprograms],
});
await build({ ...COMMON, format: 'esm', entryPoints: { index: 'src/api/index.ts' }, outdir: 'dist' });
cpSync('src/cli/demo', 'dist/demo', { recursive: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
