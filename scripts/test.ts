/**
 * What `npm test` runs: fetches the interpreters that are wanted, builds what is not built, then runs vitest.
 *
 *     npm test                        unit and live tests
 *     npm test -- live -t threads     only live tests, and those only whose title says threads
 *     npm test -- unit                only unit tests
 *     npm test -- --list-pythons      the interpreters of the live matrix
 *
 * Everything else is handed to vitest. The exit status is vitest's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { discoverInterpreters, findUnusableInterpreters } from '../test/support/interpreters.ts';
import { fetchPythons } from './fetch-pythons.ts';

const BUILD_PRODUCTS = ['dist/cli/main.js', 'dist/index.js', 'dist/types/api/index.d.ts'];

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'unit') return runVitest(['--project', 'unit', ...args.slice(1)]);
  await fetchPythons(console.log);
  if (args.includes('--list-pythons')) return listPythons();
  if (!isBuilt()) {
    const status = runTool('tsx', ['scripts/build.ts']);
    if (status !== 0) return status;
  }
  const [first, ...rest] = args;
  return runVitest(first === 'live' ? ['--project', 'live', ...rest] : args);
}

/** Every product of the build is there, and no source is newer than the oldest of them. */
function isBuilt(): boolean {
  if (!BUILD_PRODUCTS.every(existsSync)) return false;
  const builtMs = Math.min(...BUILD_PRODUCTS.map((path) => statSync(path).mtimeMs));
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return sources
    .filter((name) => !name.endsWith('.test.ts'))
    .every((name) => statSync(join('src', name)).mtimeMs <= builtMs);
}

function listPythons(): number {
  const rows = discoverInterpreters().map((each) => [
    each.name,
    each.version,
    each.kind,
    each.isStripped ? 'stripped' : 'has symbols',
    each.path,
  ]);
  const table = [['name', 'version', 'kind', 'symbols', 'path'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  }
  for (const { name, reason } of findUnusableInterpreters()) console.log(`${name}: ${reason}`);
  return 0;
}

function runVitest(args: readonly string[]): number {
  return runTool('vitest', ['run', ...args]);
}

function runTool(name: string, args: readonly string[]): number {
  const { status, signal, error } = spawnSync(`node_modules/.bin/${name}`, [...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (signal !== null) console.error(`${name} was ended by ${signal}`);
  return status ?? 1;
}

process.exitCode = await main(process.argv.slice(2));
