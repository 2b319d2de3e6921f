/**
 * Times `pyflight stack` against PyStack and py-spy on the same targets in one run, turn by turn, and prints medians
 * and ratios.
 *
 *     npm run bench                       with the peers that PATH has
 *     npm run bench -- --install-peers    puts pystack and py-spy into a virtual environment of the cache first
 *     npm run bench -- --runs 20
 */
import { parseArgs } from 'node:util';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { startTarget } from '../test/support/target.ts';
import { compareTools, findPeer, installPeers, pauseOf, type Tool } from './comparison.ts';

interface Case {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const CASES: readonly Case[] = [
  { name: '5 threads', program: 'threads.py', args: [] },
  { name: '500 threads of 20 frames', program: 'many-threads.py', args: ['500'] },
];

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    'install-peers': { type: 'boolean', default: false },
  },
});
if (options['install-peers']) installPeers();
const tools = findTools();
const interpreters = pickInterpreters();
console.log(
  `Node.js ${process.version}, ${tools.map((tool) => tool.name).join(', ')}; ${options.runs} runs each`,
);
for (const interpreter of interpreters) {
  for (const each of CASES) await compare(interpreter, each, Number(options.runs));
}

function findTools(): readonly Tool[] {
  const ours: Tool = {
    name: 'pyflight',
    command: (pid) => [process.execPath, 'bin/pyflight.cjs', 'stack', String(pid)],
  };
  const pystack = findPeer('pystack');
  const pySpy = findPeer('py-spy');
  return [
    ours,
    ...(pystack === undefined
      ? []
      : [{ name: 'pystack', command: (pid: number) => [pystack, 'remote', String(pid)] }]),
    ...(pySpy === undefined
      ? []
      : [{ name: 'py-spy', command: (pid: number) => [pySpy, 'dump', '-p', String(pid)] }]),
  ];
}

/** The oldest, a middle and the newest that is not in a root of its own: the peers must see its files too. */
function pickInterpreters(): readonly Interpreter[] {
  const wanted = new Set(['3.8', '3.11', '3.13']);
  return findInterpreters().filter(({ family, kind }) => kind === 'shared' && wanted.has(family));
}

async function compare(interpreter: Interpreter, { name, program, args }: Case, runs: number): Promise<void> {
  await using target = await startTarget(interpreter, program, { args });
  console.log(`\nCPython ${interpreter.version}, ${name}`);
  compareTools(tools, target.pid, runs);
  console.log(`  our pause ${pauseOf(target.pid, runs)}`);
}
