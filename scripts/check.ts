/**
 * The gate: types, lint and format, the house rules, unit tests; `npm test` looks at dead code and at the package as a whole
 * (test/live/package.test.ts). Prints a line for each step, the whole output of a step that failed, and exits with 1 if
 * any did. Needs no network, no privileges, no git.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ALL_CHECKS } from './checks/all-checks.ts';
import { readRepositoryFiles } from './checks/repository-files.ts';
import type { Check, SourceText } from './checks/source-text.ts';
import { TSC } from './tsc.ts';

/** What a step had to say against the repository; empty when nothing. */
type Step = () => string | Promise<string>;

/** Steps one after the other, by name. */
type Lane = Readonly<Record<string, Step>>;

/** Compares the layout tables with the Pythons of this machine. */
const LAYOUT_TABLES = 'scripts/check-layout-tables.ts';

function command(name: string, ...args: readonly string[]): Step {
  return () => run(`node_modules/.bin/${name}`, args);
}

function tsc(...args: readonly string[]): Step {
  return () => run(TSC, args);
}

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const limit = { maxBuffer: 64 * 1024 * 1024 };
    execFile(file, args, limit, (error, stdout, stderr) => {
      if (error === null) resolve('');
      else resolve(`${stdout}${stderr}`.trimEnd() || error.message);
    });
  });
}

function houseRule(check: Check, files: readonly SourceText[]): Step {
  return () =>
    check(files)
      .map(({ file, line, rule }) => `${file}:${line}: ${rule}`)
      .join('\n');
}

const files = readRepositoryFiles('.');
/** The unit tests need nothing that is built, and take about as long as all the rest. */
const LANES: readonly Lane[] = [
  {
    build: command('tsx', 'scripts/build.ts'),
    // What the types of the package look like to someone who has no types of Node.js.
    'package types': tsc('-p', 'tsconfig.consumer.json'),
    // One thread takes less of the processors, which the other lane is short of.
    types: tsc('--noEmit', '--singleThreaded'),
    'types of pages': tsc('--noEmit', '-p', 'src/formats/browser'),
    biome: command('biome', 'check', '--error-on-warnings', '.'),
    ...Object.fromEntries(Object.entries(ALL_CHECKS).map(([name, check]) => [name, houseRule(check, files)])),
    ...(existsSync(LAYOUT_TABLES) ? { 'check-layout-tables': command('tsx', LAYOUT_TABLES) } : {}),
  },
  {
    'unit tests': command('vitest', 'run', '--project', 'unit'),
  },
];

/** @returns how many steps of it failed */
async function runLane(lane: Lane): Promise<number> {
  let failures = 0;
  for (const [name, step] of Object.entries(lane)) {
    const startedAt = performance.now();
    const complaint = await step();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${complaint === '' ? 'ok    ' : 'FAILED'} ${name.padEnd(20)} ${seconds.padStart(5)} s`);
    if (complaint === '') continue;
    failures += 1;
    console.log(`${complaint}\n`);
  }
  return failures;
}

const failures = (await Promise.all(LANES.map(runLane))).reduce((sum, each) => sum + each, 0);
if (failures > 0) {
  const count = LANES.reduce((sum, lane) => sum + Object.keys(lane).length, 0);
  console.log(`${failures} of ${count} steps failed`);
  process.exitCode = 1;
}
