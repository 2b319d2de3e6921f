/**
 * Times `pyflight stack` against PyStack and py-spy on the same targets in one run, turn by turn, and prints medians
 * and ratios.
 *
 *     npm run bench                       with the peers that PATH has
 *     npm run bench -- --install-peers    puts pystack and py-spy into a virtual environment of the cache first
 *     npm run bench -- --runs 20
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDirectory, findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { startTarget } from '../test/support/target.ts';

interface Tool {
  readonly name: string;
  readonly command: (pid: number) => readonly string[];
}

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

interface Case {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const CASES: readonly Case[] = [
  { name: '5 threads', program: 'threads.py', args: [] },
  { name: '500 threads of 20 frames', program: 'many-threads.py', args: ['500'] },
];

/** Runs a command and says what the kernel counted for it; Node.js does not hand out the usage of one child. */
const METER = `
import json, os, resource, subprocess, sys, time
began = time.monotonic()
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"status": status, "wallMs": wall * 1e3, "cpuMs": (used.ru_utime + used.ru_stime) * 1e3, "peakMiB": used.ru_maxrss / 1024}))
`;

const FIGURES: readonly (readonly [string, (run: Run) => number, string])[] = [
  ['wall', (run) => run.wallMs, 'ms'],
  ['CPU', (run) => run.cpuMs, 'ms'],
  ['peak', (run) => run.peakMiB, 'MiB'],
];

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    'install-peers': { type: 'boolean', default: false },
  },
});
const peers = join(cacheDirectory(), 'peers');
if (options['install-peers']) installPeers();
const tools = findTools();
const interpreters = pickInterpreters();
console.log(
  `Node.js ${process.version}, ${tools.map((tool) => tool.name).join(', ')}; ${options.runs} runs each`,
);
for (const interpreter of interpreters) {
  for (const each of CASES) await compare(interpreter, each, Number(options.runs));
}

function installPeers(): void {
  execFileSync('python3', ['-m', 'venv', peers], { stdio: 'inherit' });
  execFileSync(join(peers, 'bin/pip'), ['install', '--quiet', 'pystack', 'py-spy'], { stdio: 'inherit' });
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

function findPeer(name: string): string | undefined {
  const installed = join(peers, 'bin', name);
  if (existsSync(installed)) return installed;
  const found = spawnSync('which', [name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** The oldest, a middle and the newest that is not in a root of its own: the peers must see its files too. */
function pickInterpreters(): readonly Interpreter[] {
  const wanted = new Set(['3.8', '3.11', '3.13']);
  return findInterpreters().filter(({ family, kind }) => kind === 'shared' && wanted.has(family));
}

async function compare(interpreter: Interpreter, { name, program, args }: Case, runs: number): Promise<void> {
  await using target = await startTarget(interpreter, program, { args });
  const results = new Map<Tool, Run[]>(tools.map((tool) => [tool, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const tool of tools) {
      const result = measure(tool.command(target.pid));
      // The first round warms the file cache and counts for none.
      if (run > 0) results.get(tool)?.push(result);
    }
  }
  console.log(`\nCPython ${interpreter.version}, ${name}`);
  const ours = results.get(tools[0] ?? fail('no tool')) ?? [];
  for (const [tool, taken] of results) {
    const figures = FIGURES.map(([label, of, unit]) => {
      const value = median(taken.map(of));
      return `${label} ${value.toFixed(1).padStart(7)} ${unit} (${(median(ours.map(of)) / value).toFixed(2)}×)`;
    });
    console.log(`  ${tool.name.padEnd(9)} ${figures.join('   ')}`);
  }
  console.log(`  our pause ${pauseOf(target.pid, runs)}`);
}

function measure(command: readonly string[]): Run {
  const said = execFileSync('python3', ['-c', METER, ...command], { encoding: 'utf8' });
  const run: Run & { readonly status: number } = JSON.parse(said);
  if (run.status !== 0) fail(`${command.join(' ')} exited with ${run.status}`);
  return run;
}

/** How long the target stood still, as each run of the program measured it. */
function pauseOf(pid: number, runs: number): string {
  const pauses = Array.from({ length: runs }, () => {
    const said = execFileSync(process.execPath, ['bin/pyflight.cjs', 'stack', String(pid), '--json'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const snapshot: { readonly pauseNs: string } = JSON.parse(said);
    return Number(snapshot.pauseNs) / 1e6;
  });
  return `median ${median(pauses).toFixed(2)} ms, worst ${Math.max(...pauses).toFixed(2)} ms`;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function fail(why: string): never {
  throw new Error(why);
}
