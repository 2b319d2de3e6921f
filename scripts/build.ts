/**
 * Builds `dist/`: the CLI (`dist/cli/main.js`, split so that a command loads only what it needs), the library
 * (`dist/index.js`) and its types (`dist/types`). koffi stays outside the bundle: its native part cannot move.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

// commander is CommonJS; bundled into an ES module it needs a `require` of its own.
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { 'cli/main': 'src/cli/main.ts', index: 'src/api/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi'],
  banner: { js: REQUIRE_BANNER },
  sourcemap: false,
  minifySyntax: true,
  logLevel: 'warning',
});
cpSync('src/cli/demo', 'dist/demo', { recursive: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
