/**
 * What `npm test` runs: fetches the interpreters that are wanted, then runs vitest, which builds what is not built.
 *
 *     npm test                        unit and live tests
 *     npm test -- live -t threads     only live tests of both kinds, and those only whose title says threads
 *     npm test -- unit                only unit tests
 *     npm test -- --list-pythons      the interpreters of the live matrix
 *
 * Everything else is handed to vitest. The exit status is vitest's.
 */
import { spawnSync } from 'node:child_process';
import { discoverInterpreters, findUnusableInterpreters } from '../test/support/interpreters.ts';
import { fetchPythons } from './fetch-pythons.ts';

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'unit') return runVitest(['--project', 'unit', ...args.slice(1)]);
  await fetchPythons(console.log);
  if (args.includes('--list-pythons')) return listPythons();
  const [first, ...rest] = args;
  return runVitest(first === 'live' ? ['--project', 'live*', ...rest] : args);
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
