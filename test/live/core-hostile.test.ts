import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InspectorError, snapshotToJson } from '../../src/api/index.ts';
import { readElfHeader } from '../../src/elf/elf-header.ts';
import { readSegments } from '../../src/elf/segment.ts';
import { takeCoreSnapshot } from '../../src/inspect/snapshot.ts';
import { corePreambleLines } from '../../src/report/core-preamble.ts';
import { PLAIN } from '../../src/report/style.ts';
import { openCoreTarget } from '../../src/target/core-target.ts';
import { CoreDirectory, crash, kernelWritesCores } from '../support/core-maker.ts';
import { CORE_PYTHON } from '../support/core-programs.ts';
import { seededRandom } from '../support/damaged-memory.ts';
import { NASTY_WORDS } from '../support/hostile-memory.ts';
import { type FileStretch, PatchedSource } from '../support/patched-source.ts';

/** PYFLIGHT_HOSTILE_CASES of each kind; PYFLIGHT_SEED is the first seed, and a failure names its own. */
const CASES = Number(process.env['PYFLIGHT_HOSTILE_CASES'] ?? 250);
const FIRST_SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000_000);
/** Of processor time, since the machine may be busy. */
const LONGEST_MS = 2000;
const LARGEST_HEAP_BYTES = 700 * 1024 * 1024;
/** The greatest piece that is asked for at once, of what a file claims to have. */
const LARGEST_READ_BYTES = 64 << 20;
const MOST_BYTES_READ = 1 << 30;

const PROGRAM = [
  'import ctypes, threading',
  'gate = threading.Lock(); gate.acquire()',
  'def work(number, *rest, **named): gate.acquire()',
  'for number in range(2): threading.Thread(target=work, args=(number, [1, 2]), daemon=True).start()',
  'def fail(text, table):',
  '    pair = (1.5, {7, 8}, None)',
  '    ctypes.string_at(0x75bcd15)',
  'fail("x" * 50, {"a": [1, 2**70]})',
];

describe.skipIf(!kernelWritesCores())('a damaged core (one of the kernel is needed)', () => {
  const cores = new CoreDirectory();
  let core = new Uint8Array();
  /** Where the parts lie that each kind of case damages. */
  let places: Readonly<Record<string, readonly FileStretch[]>> = {};

  beforeAll(() => {
    // The same addresses in each run, so that a seed means the same case.
    const words = ['setarch', '-R', CORE_PYTHON, '-S', '-E', '-B', '-c', PROGRAM.join('\n')];
    core = readFileSync(crash(cores, words, { environment: { ...process.env, PYTHONHASHSEED: '0' } }));
    const honest = new PatchedSource(core, new Map());
    look(honest);
    const { segments: table } = readElfHeader(honest);
    const segments = readSegments(honest, table);
    const loaded = segments.filter(({ type, fileSize }) => type === 'load' && fileSize > 0);
    const memoryAt = Math.min(...loaded.map(({ fileOffset }) => fileOffset));
    places = {
      headers: [{ offset: 0, sizeBytes: 64 }],
      'segment table': [{ offset: table.fileOffset, sizeBytes: table.count * 56 }],
      notes: segments
        .filter(({ type }) => type === 'note')
        .map(({ fileOffset, fileSize }) => ({ offset: fileOffset, sizeBytes: fileSize })),
      'starts of modules': loaded.map(({ fileOffset }) => ({ offset: fileOffset, sizeBytes: 0x400 })),
      memory: honest.reads.filter(({ offset }) => offset >= memoryAt),
    };
  });

  afterAll(() => cores[Symbol.dispose]());

  /** All that the program does with a core; what it read is remembered by the source. */
  function look(source: PatchedSource, exhaustive = false): void {
    const opened = {
      source,
      modifiedAt: new Date(0),
      compression: undefined,
      problem: undefined,
      [Symbol.dispose]: () => undefined,
    };
    using target = openCoreTarget(opened, { search: { directories: [] }, exhaustive });
    const snapshot = takeCoreSnapshot(target, { locals: true });
    expect(JSON.stringify(snapshotToJson(snapshot)).length).toBeGreaterThan(0);
    expect([...corePreambleLines(target.coreFacts, PLAIN), ...target.problems()]).toBeDefined();
  }

  function patchesIn(stretches: readonly FileStretch[], random: () => number): Map<number, Uint8Array> {
    const patches = new Map<number, Uint8Array>();
    const count = 1 + Math.floor(random() ** 2 * 8);
    for (let index = 0; index < count; index += 1) {
      const { offset, sizeBytes } = stretches[Math.floor(random() * stretches.length)] ?? {
        offset: 0,
        sizeBytes: 64,
      };
      const at = offset + Math.floor(random() * sizeBytes);
      patches.set(random() < 0.7 ? at - (at % 4) : at, patchOf(random));
    }
    return patches;
  }

  test.each(['headers', 'segment table', 'notes', 'starts of modules', 'memory', 'anything, cut off'])(
    `is read or refused whatever is wrong with its %s`,
    { timeout: 120_000 },
    (kind) => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
        const random = seededRandom(seed);
        const stretches = places[kind] ?? Object.values(places).flat();
        const patches = patchesIn(stretches, random);
        const sizeBytes = places[kind] === undefined ? Math.floor(random() * core.length) : core.length;
        attempt(`${kind} ${seed}`, new PatchedSource(core, patches, sizeBytes), seed % 10 === 0);
      }
    },
  );

  /** Runs a case, which ends well or with an error of ours, soon, and reads and holds on to little. */
  function attempt(name: string, source: PatchedSource, exhaustive: boolean): void {
    const before = process.cpuUsage();
    try {
      look(source, exhaustive);
    } catch (error) {
      if (!(error instanceof InspectorError)) throw new Error(`case ${name}`, { cause: error });
    }
    const { user, system } = process.cpuUsage(before);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const sizes = source.reads.map(({ sizeBytes }) => sizeBytes);
    expect((user + system) / 1000, `milliseconds of ${name}`).toBeLessThan(LONGEST_MS);
    expect(heapUsed + arrayBuffers, `bytes after ${name}`).toBeLessThan(LARGEST_HEAP_BYTES);
    expect(
      sizes.reduce((most, size) => Math.max(most, size), 0),
      `largest read of ${name}`,
    ).toBeLessThan(LARGEST_READ_BYTES);
    expect(
      sizes.reduce((sum, size) => sum + size, 0),
      `bytes read of ${name}`,
    ).toBeLessThan(MOST_BYTES_READ);
  }
});

/** A nasty word of eight or four bytes, or a byte of noise. */
function patchOf(random: () => number): Uint8Array {
  const choice = random();
  if (choice < 0.2) return Uint8Array.of(Math.floor(random() * 256));
  const words = new BigUint64Array([NASTY_WORDS[Math.floor(random() * NASTY_WORDS.length)] ?? 0n]);
  return new Uint8Array(words.buffer).subarray(0, choice < 0.6 ? 4 : 8);
}
