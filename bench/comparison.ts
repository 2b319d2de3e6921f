/** Runs the commands of several tools on one target turn by turn, and prints medians and ratios. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../test/support/interpreters.ts';

/** A program that is measured; the first one of a comparison is ours. */
export interface Tool {
  readonly name: string;
  readonly command: (pid: number) => readonly string[];
  /** Done before each run, outside of what is measured. */
  readonly prepare?: () => void;
  readonly env?: Readonly<Record<string, string>>;
}

/** What one run of a program has taken. */
export interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Runs a command and says what the kernel counted for it; Node.js does not hand out the usage of one child. */
const METER = `
import json, os, resource, subprocess, sys, time
# A wrapper of python3 that has become this one leaves what its own children have used.
before = resource.getrusage(resource.RUSAGE_CHILDREN)
began = time.monotonic()
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"status": status, "wallMs": wall * 1e3, "cpuMs": (used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime) * 1e3, "peakMiB": used.ru_maxrss / 1024}))
`;

const FIGURES: readonly (readonly [string, (run: Run) => number, string])[] = [
  ['wall', (run) => run.wallMs, 'ms'],
  ['CPU', (run) => run.cpuMs, 'ms'],
  ['peak', (run) => run.peakMiB, 'MiB'],
];

const peers = join(cacheDirectory(), 'peers');

/** Puts PyStack and py-spy into a virtual environment of the cache. */
export function installPeers(): void {
  execFileSync('python3', ['-m', 'venv', peers], { stdio: 'inherit' });
  execFileSync(join(peers, 'bin/pip'), ['install', '--quiet', 'pystack', 'py-spy'], { stdio: 'inherit' });
}

/** Finds a peer: the installed one, or that of PATH. */
export function findPeer(name: string): string | undefined {
  const installed = join(peers, 'bin', name);
  if (existsSync(installed)) return installed;
  const found = spawnSync('which', [name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Measures every tool on a target, in turn, and prints a line for each. */
export function compareTools(tools: readonly Tool[], pid: number, runs: number): void {
  const results = new Map<string, Run[]>(tools.map(({ name }) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const tool of tools) {
      tool.prepare?.();
      const result = measure(tool.command(pid), tool.env);
      // The first round warms the file cache and counts for none.
      if (run > 0) results.get(tool.name)?.push(result);
    }
  }
  printComparison(results);
}

/** Prints a line for each name: medians, and the ratios of the first one's to them. */
export function printComparison(results: ReadonlyMap<string, readonly Run[]>): void {
  const [ours = []] = results.values();
  const width = Math.max(9, ...[...results.keys()].map(({ length }) => length));
  for (const [name, taken] of results) {
    const figures = FIGURES.map(([label, of, unit]) => {
      const value = median(taken.map(of));
      return `${label} ${value.toFixed(1).padStart(7)} ${unit} (${(median(ours.map(of)) / value).toFixed(2)}×)`;
    });
    console.log(`  ${name.padEnd(width)} ${figures.join('   ')}`);
  }
}

/** How long the target stood still, as each run of the program measured it. */
export function pauseOf(pid: number, runs: number, options: readonly string[] = []): string {
  const pauses = Array.from({ length: runs }, () => {
    const words = ['bin/pyflight.cjs', 'stack', String(pid), '--json', ...options];
    const said = execFileSync(process.execPath, words, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const snapshot: { readonly pauseNs: string } = JSON.parse(said);
    return Number(snapshot.pauseNs) / 1e6;
  });
  return `median ${median(pauses).toFixed(2)} ms, worst ${Math.max(...pauses).toFixed(2)} ms`;
}

/** Runs a command to its end. @throws {Error} when it fails */
export function measure(words: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  // Node.js 20 parses these certificates whenever it starts, the 144 of Debian in 39 ms. Few users have set it.
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const said = execFileSync('python3', ['-c', METER, ...words], {
    encoding: 'utf8',
    env: { ...inherited, ...env },
  });
  const run: Run & { readonly status: number } = JSON.parse(said);
  if (run.status !== 0) throw new Error(`${words.join(' ')} exited with ${run.status}`);
  return run;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
