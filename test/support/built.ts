import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PRODUCTS = ['dist/cli/start.cjs', 'dist/index.js', 'dist/types/api/index.d.ts'];

/** Builds `dist/` before the live tests when it is not there or older than its sources; vitest calls this once. */
export function setup(): void {
  if (isBuilt()) return;
  const tsx = join(ROOT, 'node_modules/.bin/tsx');
  execFileSync(tsx, ['scripts/build.ts'], { cwd: ROOT, stdio: 'inherit' });
}

/** Every product of the build is there, and no source is newer than the oldest of them. */
function isBuilt(): boolean {
  const products = PRODUCTS.map((path) => join(ROOT, path));
  if (!products.every(existsSync)) return false;
  const builtMs = Math.min(...products.map((path) => statSync(path).mtimeMs));
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('.test.ts'))
    .every((name) => statSync(join(ROOT, 'src', name)).mtimeMs <= builtMs);
}
