/**
 * The gate: types, lint and format, the house rules, dead code, unit tests. Prints a line for each step, the
 * whole output of a step that failed, and exits with 1 if any did. Needs no network, no privileges, no git.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ALL_CHECKS } from './checks/all-checks.ts';
import { readRepositoryFiles } from './checks/repository-files.ts';
import type { Check, SourceText } from './checks/source-text.ts';

/** What a step had to say against the repository; empty when nothing. */
type Step = () => string;

/** Compares the layout tables with the Pythons of this machine. */
const LAYOUT_TABLES = 'scripts/check-layout-tables.ts';

function command(name: string, ...args: readonly string[]): Step {
  return () => {
    const run = spawnSync(`node_modules/.bin/${name}`, args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (run.error !== undefined) return `Cannot run ${name}: ${run.error.message}`;
    if (run.status === 0) return '';
    return `${run.stdout}${run.stderr}`.trimEnd() || `${name} ended with ${run.status ?? run.signal}`;
  };
}

function houseRule(check: Check, files: readonly SourceText[]): Step {
  return () =>
    check(files)
      .map(({ file, line, rule }) => `${file}:${line}: ${rule}`)
      .join('\n');
}

const files = readRepositoryFiles('.');
const steps: Readonly<Record<string, Step>> = {
  types: command('tsc', '--noEmit'),
  biome: command('biome', 'check', '--error-on-warnings', '.'),
  ...Object.fromEntries(Object.entries(ALL_CHECKS).map(([name, check]) => [name, houseRule(check, files)])),
  ...(existsSync(LAYOUT_TABLES) ? { 'check-layout-tables': command('tsx', LAYOUT_TABLES) } : {}),
  knip: command('knip'),
  build: command('tsx', 'scripts/build.ts'),
  package: command('publint', '--strict'),
  // What the types of the package look like to someone who has no types of Node.js.
  'package types': command('tsc', '-p', 'tsconfig.consumer.json'),
  'unit tests': command('vitest', 'run', '--project', 'unit'),
};

let failures = 0;
for (const [name, step] of Object.entries(steps)) {
  const startedAt = performance.now();
  const complaint = step();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${complaint === '' ? 'ok    ' : 'FAILED'} ${name.padEnd(20)} ${seconds.padStart(5)} s`);
  if (complaint === '') continue;
  failures += 1;
  console.log(`${complaint}\n`);
}
if (failures > 0) {
  console.log(`${failures} of ${Object.keys(steps).length} steps failed`);
  process.exitCode = 1;
}
