/**
 * What samples with native frames cost the program and us: how long it stands still for each, what of its time that is, our CPU time
 * at a hundred samples a second, and how many can be had; beside py-spy, which reads all while the program stands still, in one
 * run on the same program. How long it was stopped by py-spy shows in how much less it gets done.
 *
 *     PY_SPY=/path/to/py-spy npm run bench:native-sampling -- --versions 3.11,3.13 --seconds 5
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { attach, type SamplingOptions, startSampling } from '../src/api/index.ts';
import type { Interpreter } from '../test/support/interpreters.ts';
import { startCommand } from '../test/support/target.ts';
import { findPeer } from './comparison.ts';
import { forEachFamily, load } from './families.ts';

/** Four threads that compute in C and in Python, and count what they get done. */
const PROGRAM = `
import hashlib, json, sys, threading, zlib
DATA = b"0123456789" * 4000
DONE = [0, 0, 0, 0]
def descend(depth, work, at):
    work(at) if depth <= 0 else descend(depth - 1, work, at)
def compute(at):
    while True:
        hashlib.sha256(DATA).digest()
        zlib.compress(DATA)
        json.dumps(list(range(500)))
        sorted(range(500), key=lambda number: -number)
        DONE[at] += 1
for at in range(1, 4):
    thread = threading.Thread(target=descend, args=(8, compute, at))
    thread.daemon = True
    thread.start()
print("{}")
sys.stdout.flush()
descend(8, compute, 0)
`;

const PLANS: readonly (readonly [title: string, plan: SamplingOptions])[] = [
  ['without stops, 100 Hz', { mode: 'wall' }],
  ['--blocking, 100 Hz', { mode: 'wall', blocking: true }],
  ['--native, 100 Hz', { mode: 'wall', native: true }],
  ['--native, 1,000 Hz asked', { mode: 'wall', native: true, rateHz: 1000 }],
];

const { values: options } = parseArgs({
  options: {
    versions: { type: 'string', default: '3.8,3.11,3.13' },
    seconds: { type: 'string', default: '5' },
  },
});
const seconds = Number(options.seconds);
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'pyflight-bench-'));
const pySpy = process.env['PY_SPY'] ?? findPeer('py-spy');

console.log(`Node.js ${process.version}, ${seconds} s each, load ${load()}`);
await forEachFamily(options.versions, compare);
rmSync(scratch, { recursive: true });
console.log(`\nload ${load()}`);

async function compare(interpreter: Interpreter): Promise<void> {
  console.log(`\nCPython ${interpreter.version}, 4 threads, 10 deep`);
  await using target = await startCommand(interpreter, [...interpreter.command, '-S', '-c', PROGRAM]);
  const { pid } = target;
  // What is read for the first time is kept for the next ones, by each tool in its way.
  await startSampling(pid, { native: true, durationSeconds: 1 }).ended;
  const alone = await workDone(pid, () => sleep(seconds));
  for (const [title, plan] of PLANS) {
    let text = '';
    const done = await workDone(pid, async () => {
      text = await sampleWithPyflight(pid, plan);
    });
    console.log(`  pyflight ${title}: ${text}; the program does ${percent(done / alone)} of its work`);
  }
  if (pySpy === undefined) return;
  for (const rate of [100, 1000]) {
    let samples = 0;
    const done = await workDone(pid, async () => {
      samples = await sampleWithPySpy(pySpy, pid, rate);
    });
    console.log(
      `  py-spy --native -i, ${rate} Hz asked: ${Math.round(samples)}/s; the program does ${percent(done / alone)} of its work`,
    );
  }
}

async function sampleWithPyflight(pid: number, plan: SamplingOptions): Promise<string> {
  const { account } = await startSampling(pid, { ...plan, durationSeconds: seconds }).ended;
  const { pauses, pausedNs, durationNs, samplerCpuNs, sweeps, samples, samplesWithoutNative } = account;
  const us = (ns: number): string => `${(ns / 1000).toFixed(0)} µs`;
  return [
    `${Math.round(sweeps / (durationNs / 1e9))}/s`,
    `stands still for ${us(pauses.medianNs)} (99 %: ${us(pauses.p99Ns)}), ${percent(pausedNs / durationNs)} of the time`,
    `${percent(samplerCpuNs / durationNs)} of a core`,
    `${samplesWithoutNative} of ${samples} samples without native frames`,
  ].join('; ');
}

/** Looks at all four threads per second that came out. */
async function sampleWithPySpy(program: string, pid: number, rate: number): Promise<number> {
  const file = join(scratch, 'py-spy.txt');
  const words = ['record', '--native', '-i', '-f', 'raw', '-r', rate, '-d', seconds, '-p', pid, '-o', file];
  const began = process.hrtime.bigint();
  await run(program, words.map(String));
  const tookNs = Number(process.hrtime.bigint() - began);
  const looks = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  return looks / 4 / (tookNs / 1e9);
}

/** What the program gets done in a second meanwhile. */
async function workDone(pid: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const [before, began] = [await countOf(pid), process.hrtime.bigint()];
  await meanwhile();
  const [after, ended] = [await countOf(pid), process.hrtime.bigint()];
  return (after - before) / (Number(ended - began) / 1e9);
}

async function countOf(pid: number): Promise<number> {
  using inspection = await attach(pid, { native: false });
  const { value } = inspection.global({ module: '__main__', path: ['DONE'], depth: 'all', whole: true });
  if (value.kind !== 'sequence') return Number.NaN;
  return value.items.reduce((sum, item) => sum + (item.kind === 'int' ? Number(item.value) : 0), 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function sleep(forSeconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, forSeconds * 1000);
  });
}
