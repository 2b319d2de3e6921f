/**
 * How often all threads of a process are looked at in a second, as fast as each tool can, and what CPU time a look costs it:
 * pyflight, py-spy, Austin and CPython 3.15's own sampler, on the same targets one after the other. Then what pyflight uses at
 * 100 Hz, and how many stacks of a fast recursion mix two moments.
 *
 *     npm run bench:sampling
 *     AUSTIN=/path/to/austin PROFILING_SAMPLING=/path/to/python3.15 npm run bench:sampling -- --versions 3.11,3.15 --seconds 3
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Profile, samplesOf, startSampling } from '../src/api/index.ts';
import type { Interpreter } from '../test/support/interpreters.ts';
import { startCommand, type Target } from '../test/support/target.ts';
import { findPeer, measure } from './comparison.ts';
import { forEachFamily, load } from './families.ts';

/** Threads that compute at a depth, and threads that sleep: shapes by their names. */
const SHAPES = [
  ['4 threads, 10 deep', 4, 8, 0],
  ['1 thread, 20 deep', 1, 18, 0],
  ['11 threads, 20 deep', 11, 18, 0],
  ['1 thread, 500 deep', 1, 498, 0],
  ['1 busy thread, 200 idle', 1, 18, 200],
] as const;

/** How long the cost of a usual rate is measured. */
const USUAL_SECONDS = 20;

const PROGRAM = `
import sys, threading, time
sys.setrecursionlimit(5000)
def compute(_):
    while True:
        for i in range(1000): pass
def sleep(_): time.sleep(10**6)
def descend(depth, work):
    work(0) if depth <= 0 else descend(depth - 1, work)
def recurse(depth):
    if depth: recurse(depth - 1)
def other(depth):
    if depth: other(depth - 1)
def alternate(_):
    while True:
        recurse(14)
        other(14)
busy, depth, idle, mixing = map(int, sys.argv[1:])
def start(depth, work):
    thread = threading.Thread(target=descend, args=(depth, work))
    thread.daemon = True
    thread.start()
for _ in range(idle): start(3, sleep)
for _ in range(busy - 1): start(depth, compute)
print("{}")
sys.stdout.flush()
descend(depth, alternate if mixing else compute)
`;

/** What a tool reached: looks at all threads per second, and its CPU time for each. */
interface Reached {
  readonly perSecond: number;
  readonly cpuUs: number | undefined;
}

const { values: options } = parseArgs({
  options: {
    versions: { type: 'string', default: '3.8,3.11,3.13,3.15' },
    seconds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '3' },
  },
});
const seconds = Number(options.seconds);
const runs = Number(options.runs);
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'pyflight-bench-'));

console.log(`Node.js ${process.version}, medians of ${runs} runs of ${seconds} s, load ${load()}`);
await forEachFamily(options.versions, compare);
rmSync(scratch, { recursive: true });
console.log(`\nload ${load()}`);

async function compare(interpreter: Interpreter): Promise<void> {
  console.log(`\nCPython ${interpreter.version}`);
  for (const [title, busy, depth, idle] of SHAPES) {
    await using target = await start(interpreter, [busy, depth, idle, 0]);
    const threads = busy + idle;
    const tools = toolsFor(interpreter, target.pid, threads);
    const results = new Map(tools.map(([name]) => [name, [] as Reached[]]));
    for (let round = 0; round < runs; round += 1)
      for (const [name, measure] of tools) results.get(name)?.push(await measure());
    print(title, results);
  }
  await using usual = await start(interpreter, [2, 8, 0, 0]);
  console.log(`  100 Hz for ${USUAL_SECONDS} s, in per cent of a core: ${await costOfUsual(usual.pid)}`);
  await using mixing = await start(interpreter, [1, 1, 0, 1]);
  const profile = await startSampling(mixing.pid, { rateHz: 1e6, durationSeconds: 5, mode: 'wall' }).ended;
  console.log(`  recursion 16 deep: ${mixedText(profile)}`);
}

/** What it costs at 100 Hz: the thread that samples, a thread that wakes as often and does nothing, and whole commands. */
async function costOfUsual(pid: number): Promise<string> {
  const { account } = await startSampling(pid, { rateHz: 100, durationSeconds: USUAL_SECONDS }).ended;
  const costs: [string, number][] = [
    ['pyflight', account.samplerCpuNs / account.durationNs],
    ['a thread that only wakes', costOfWaking()],
  ];
  const [file, seconds] = [join(scratch, 'usual.txt'), String(USUAL_SECONDS)];
  const ours = ['bin/pyflight.cjs', 'perf', String(pid), '-r', '100', '-d', seconds, '-f', file];
  costs.push(['pyflight, the whole command', costOfCommand([process.execPath, ...ours])]);
  const { pySpy, austin } = peers();
  if (pySpy !== undefined) {
    const words = ['record', '--nonblocking', '-r', '100', '-d', seconds, '-f', 'raw', '-o', file];
    costs.push(['py-spy', costOfCommand([pySpy, ...words, '-p', String(pid)])]);
  }
  if (austin !== undefined) {
    const words = ['-p', String(pid), '-i', '10ms', '-x', seconds, '-o', file];
    costs.push(['Austin', costOfCommand([austin, ...words])]);
  }
  return costs.map(([name, share]) => `${name} ${(100 * share).toFixed(2)}`).join('; ');
}

function costOfCommand(command: readonly string[]): number {
  return measure(command).cpuMs / 1000 / USUAL_SECONDS;
}

function costOfWaking(): number {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const before = process.cpuUsage();
  for (let wake = 0; wake < 100 * USUAL_SECONDS; wake += 1) Atomics.wait(cell, 0, 0, 10);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / USUAL_SECONDS;
}

function start(interpreter: Interpreter, numbers: readonly number[]): Promise<Target> {
  return startCommand(interpreter, [...interpreter.command, '-S', '-c', PROGRAM, ...numbers.map(String)]);
}

function toolsFor(
  interpreter: Interpreter,
  pid: number,
  threads: number,
): readonly (readonly [name: string, measure: () => Promise<Reached>])[] {
  const { pySpy, austin } = peers();
  const own = process.env['PROFILING_SAMPLING'];
  return [
    ['pyflight', () => sampleWithPyflight(pid)] as const,
    ...(pySpy === undefined
      ? []
      : [['py-spy --nonblocking', () => sampleWithPySpy(pySpy, pid, threads)] as const]),
    ...(austin === undefined || interpreter.family === '3.15'
      ? []
      : [['Austin', () => sampleWithAustin(austin, pid, threads)] as const]),
    ...(own === undefined || interpreter.family !== '3.15'
      ? []
      : [['profiling.sampling -a', () => sampleWithCPython(own, pid)] as const]),
  ];
}

function peers(): { readonly pySpy: string | undefined; readonly austin: string | undefined } {
  return {
    pySpy: process.env['PY_SPY'] ?? findPeer('py-spy'),
    austin: process.env['AUSTIN'] ?? findPeer('austin'),
  };
}

async function sampleWithPyflight(pid: number): Promise<Reached> {
  const { account } = await startSampling(pid, { rateHz: 1e6, durationSeconds: seconds, mode: 'wall' }).ended;
  return {
    perSecond: account.sweeps / (account.durationNs / 1e9),
    cpuUs: account.samplerCpuNs / account.sweeps / 1000,
  };
}

/** It takes as many looks as rate and duration make, however long that lasts. */
async function sampleWithPySpy(pySpy: string, pid: number, threads: number): Promise<Reached> {
  const file = join(scratch, 'py-spy.txt');
  // More than it reaches in a second, so that it never sleeps.
  const ticks = threads > 100 ? 60 : threads > 5 ? 600 : 4000;
  const began = process.hrtime.bigint();
  const words = [
    'record',
    '--nonblocking',
    '-i',
    '-f',
    'raw',
    '-r',
    String(ticks),
    '-d',
    '1',
    '-p',
    String(pid),
    '-o',
    file,
  ];
  await run(pySpy, words).catch(() => undefined);
  const tookNs = Number(process.hrtime.bigint() - began);
  const samples = sumOfLines(readFileSync(file, 'utf8'));
  return { perSecond: samples / threads / (tookNs / 1e9), cpuUs: undefined };
}

async function sampleWithAustin(austin: string, pid: number, threads: number): Promise<Reached> {
  const file = join(scratch, 'austin.txt');
  await run(austin, ['-p', String(pid), '-i', '1us', '-x', String(seconds), '-o', file]).catch(
    () => undefined,
  );
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('P'));
  return { perSecond: lines.length / threads / seconds, cpuUs: undefined };
}

async function sampleWithCPython(python: string, pid: number): Promise<Reached> {
  const words = [
    '-m',
    'profiling.sampling',
    'attach',
    '-a',
    '-d',
    String(seconds),
    '-r',
    '1000khz',
    String(pid),
  ];
  const { stdout } = await run(python, words, { maxBuffer: 1 << 26 });
  const rate = /Sample rate: ([\d.]+)/u.exec(stdout)?.[1];
  return { perSecond: Number(rate ?? Number.NaN), cpuUs: undefined };
}

function sumOfLines(text: string): number {
  return text
    .trimEnd()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function print(title: string, results: ReadonlyMap<string, readonly Reached[]>): void {
  const medians = [...results].map(([name, all]) => [name, median(all)] as const);
  const ours = medians[0]?.[1].perSecond ?? Number.NaN;
  const texts = medians.map(([name, { perSecond, cpuUs }], at) => {
    const cpu = cpuUs === undefined ? '' : `, ${cpuUs.toFixed(1)} µs of CPU each`;
    const ratio = at === 0 ? '' : ` (${(ours / perSecond).toFixed(1)}x)`;
    return `${name} ${Math.round(perSecond)}/s${cpu}${ratio}`;
  });
  console.log(`  ${title}: ${texts.join('; ')}`);
}

function median(all: readonly Reached[]): Reached {
  const sorted = all.toSorted((a, b) => a.perSecond - b.perSecond);
  return sorted[Math.floor(sorted.length / 2)] ?? { perSecond: Number.NaN, cpuUs: undefined };
}

/** A stack with calls of both recursions was never there. */
function mixedText({ samples, stacks, frames, account }: Profile): string {
  let [mixed, all] = [0, 0];
  for (const { stack, looks } of samplesOf(samples)) {
    const names = new Set<string>();
    for (let node = stack; node !== 0; node = stacks.parents[node] ?? 0)
      names.add(frames[stacks.frames[node] ?? 0]?.name ?? '');
    all += looks;
    if (names.has('recurse') && names.has('other')) mixed += looks;
  }
  const torn = (100 * account.tornSamples) / (account.tornSamples + account.samples);
  return `${mixed} of ${all} stacks mix two moments (${((100 * mixed) / all).toFixed(4)} %), ${torn.toFixed(2)} % left out as torn`;
}
