/**
 * Times `pyflight stack --native` against `pystack remote --native` on the same targets in one run, turn by turn: with an
 * empty cache before each run, and with what the run before has kept.
 *
 *     npm run bench:native
 *     npm run bench:native -- --runs 20 --libraries 300
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { programsSeenBy, startCommand } from '../test/support/target.ts';
import { compareTools, findPeer, pauseOf, type Tool } from './comparison.ts';
import { manyLibraries } from './many-libraries.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '8' },
    libraries: { type: 'string', default: '300' },
  },
});
const runs = Number(options.runs);
const scratch = mkdtempSync(join(tmpdir(), 'pyflight-bench-'));
const tools = findTools();
console.log(`Node.js ${process.version}, ${tools.map(({ name }) => name).join(', ')}; ${runs} runs each`);
try {
  for (const [title, interpreter, words] of cases()) {
    await using target = await startCommand(interpreter, [...interpreter.command, '-S', ...words]);
    console.log(`\nCPython ${interpreter.version} (${interpreter.path}), ${title}`);
    compareTools(tools, target.pid, runs);
    console.log(`  our pause ${pauseOf(target.pid, runs, ['--native'])}`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}

function findTools(): readonly Tool[] {
  const cold = join(scratch, 'cold');
  const ours = (pid: number) => [process.execPath, 'bin/pyflight.cjs', 'stack', String(pid), '--native'];
  const pystack = findPeer('pystack');
  return [
    {
      name: 'pyflight, empty cache',
      command: ours,
      prepare: () => rmSync(join(cold, 'pyflight'), { recursive: true, force: true }),
      env: { XDG_CACHE_HOME: cold },
    },
    { name: 'pyflight', command: ours, env: { XDG_CACHE_HOME: join(scratch, 'warm') } },
    ...(pystack === undefined
      ? []
      : [{ name: 'pystack', command: (pid: number) => [pystack, 'remote', '--native', String(pid)] }]),
  ];
}

/** A small program with and without debugging information, and one that maps many libraries. */
function cases(): readonly (readonly [string, Interpreter, readonly string[]])[] {
  const all = findInterpreters();
  const withDebugInfo = all.find(({ family, kind }) => family === '3.11' && kind === 'shared');
  const stripped = all.find(({ kind, isStripped }) => kind === 'static' && isStripped);
  const small = (interpreter: Interpreter) => [join(programsSeenBy(interpreter), 'threads.py')];
  const found: (readonly [string, Interpreter, readonly string[]])[] = [];
  if (withDebugInfo !== undefined) found.push(['5 threads', withDebugInfo, small(withDebugInfo)]);
  if (stripped !== undefined) found.push(['5 threads, stripped', stripped, small(stripped)]);
  const count = Number(options.libraries);
  if (withDebugInfo !== undefined && count > 0)
    found.push([`${count} C++ libraries, a stack through every tenth`, withDebugInfo, manyLibraries(count)]);
  return found;
}
