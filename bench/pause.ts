/**
 * Measures how long a target stands still by the target's own clock: its main thread reads that without end, and what
 * it misses was the pause. Prints it beside what `Snapshot.pauseNs` says, and beside what is missed without us.
 *
 *     npx tsx bench/pause.ts
 *     npx tsx bench/pause.ts --runs 500
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { attach } from '../src/api/index.ts';
import { toAddress } from '../src/base/address.ts';
import { openProcessMemory, type ProcessMemory } from '../src/platform/process-memory.ts';
import { findInterpreters } from '../test/support/interpreters.ts';
import { PlatformTarget } from '../test/support/platform-target.ts';

/** Gaps are kept in a ring of pairs: when one ended, and how long it was; both in ns of CLOCK_MONOTONIC, as ours are. */
const RING_PAIRS = 256;

function programOf(threads: number): readonly string[] {
  return [
    'import ctypes, mmap, threading, time',
    `ring = (ctypes.c_uint64 * ${2 * RING_PAIRS}).from_buffer(mmap.mmap(-1, ${16 * RING_PAIRS}))`,
    'def descend(depth):',
    '  if depth == 0: time.sleep(100000)',
    '  else: descend(depth - 1)',
    'threading.stack_size(1 << 18)',
    `for i in range(${threads - 1}): threading.Thread(target=descend, args=(17,), daemon=True).start()`,
    'def count():',
    '  clock = time.monotonic_ns; at = 0; last = clock()',
    '  while True:',
    '    now = clock()',
    '    if now - last > 20000:',
    `      ring[at] = now; ring[at + 1] = now - last; at = (at + 2) % ${2 * RING_PAIRS}`,
    '      now = clock()',
    '    last = now',
    'print("ready"); print(ctypes.addressof(ring)); count()',
  ];
}

/** The longest gap that ended within a span of time; 0 when the target missed nothing. */
function longestGapNs(memory: ProcessMemory, ring: number, [from, to]: readonly [bigint, bigint]): number {
  const bytes = memory.read(toAddress(ring), 16 * RING_PAIRS).slice();
  const words = new BigUint64Array(bytes.buffer);
  let longest = 0n;
  for (let at = 0; at < words.length; at += 2) {
    const [end = 0n, length = 0n] = words.subarray(at, at + 2);
    if (end >= from && end <= to && length > longest) longest = length;
  }
  return Number(longest);
}

/** Does something and answers the longest gap of the target from its beginning until a moment after its end. */
async function gapDuring(
  memory: ProcessMemory,
  ring: number,
  act: () => void | Promise<void>,
): Promise<number> {
  const from = process.hrtime.bigint();
  await act();
  const to = process.hrtime.bigint();
  await setTimeout(2);
  return longestGapNs(memory, ring, [from, to + 1_000_000n]);
}

function row(name: string, values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): string =>
    ((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) / 1e6)
      .toFixed(2)
      .padStart(8);
  return `  ${name.padEnd(36)} ${at(0.5)} ${at(0.9)} ${at(1)}`;
}

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '100' } } });
const python = findInterpreters().findLast(({ kind, root }) => kind === 'shared' && root === undefined);
if (python === undefined) throw new Error('there is no Python to measure');

for (const threads of [4, 500]) {
  await using target = await PlatformTarget.startUnder(python.path, ...programOf(threads));
  const ring = Number(await target.nextLine());
  using memory = openProcessMemory(target.pid);
  using inspection = await attach(target.pid);
  const without: number[] = [];
  const byTarget: number[] = [];
  const byUs: number[] = [];
  for (let run = 0; run < Number(options.runs); run += 1) {
    without.push(await gapDuring(memory, ring, () => setTimeout(5)));
    byTarget.push(
      await gapDuring(memory, ring, () => {
        byUs.push(Number(inspection.snapshot().pauseNs ?? 0n));
      }),
    );
  }
  console.log(`${threads} threads of CPython ${python.version}; median, 90 % and longest in ms`);
  console.log(row('without us', without));
  console.log(row("a snapshot, by the target's clock", byTarget));
  console.log(row('a snapshot, by pauseNs', byUs));
}
