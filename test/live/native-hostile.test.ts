import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '../support/damaged-memory.ts';
import { compileHeld, hasTool } from '../support/held-library.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';

/** PYFLIGHT_HOSTILE_CASES of them; PYFLIGHT_SEED is the first seed, and a failure names its own. */
const CASES = Number(process.env['PYFLIGHT_HOSTILE_CASES'] ?? 60);
const FIRST_SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000_000);
/** Of processor time, since the machine may be busy. */
const LONGEST_MS = 2000;
const LARGEST_HEAP_BYTES = 400 * 1024 * 1024;

/** Words that sizes, counts and offsets had better not be. */
const NASTY_WORDS: readonly bigint[] = [
  0n,
  1n,
  0x7fff_ffffn,
  0xffff_ffffn,
  1n << 40n,
  1n << 53n,
  (1n << 64n) - 1n,
];

const scratch = mkdtempSync(join(tmpdir(), 'pyflight-hostile-'));
const usualCache = process.env['XDG_CACHE_HOME'];

afterAll(() => {
  if (usualCache === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = usualCache;
  rmSync(scratch, { recursive: true });
});

const interpreter = findInterpreters().find(({ family, kind }) => family === '3.11' && kind === 'shared');

/** Changes bytes anywhere, words in the headers and tables, or cuts the end off. */
function damage(path: string, whole: Buffer, random: () => number): void {
  const bytes = Buffer.from(whole);
  const kind = random();
  const spoil = 1 + Math.floor(random() * 40);
  for (let count = 0; count < spoil; count += 1) {
    if (kind < 0.5) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    else {
      const word = NASTY_WORDS[Math.floor(random() * NASTY_WORDS.length)] ?? 0n;
      // Program headers are at the beginning, section headers at the end.
      const within = Math.min(4096, bytes.length - 8);
      const offset = Math.floor((random() * within) / 8) * 8;
      bytes.writeBigUInt64LE(word, random() < 0.5 ? offset : bytes.length - 8 - offset);
    }
  }
  writeFileSync(path, bytes, { flag: 'r+' });
  if (kind > 0.9) truncateSync(path, Math.floor(random() * bytes.length));
}

test.skipIf(interpreter === undefined || !hasTool('gcc'))(
  `takeSnapshot() survives ${CASES} damaged libraries on a stack`,
  { timeout: 600_000 },
  async () => {
    if (interpreter === undefined) return;
    const path = compileHeld({ directory: scratch, name: 'libheld.so' });
    const whole = readFileSync(path);
    await using scene = await Scene.open(interpreter, 'held-call.py', { env: { HELD_LIBRARY: path } });
    const names = (await scene.snapshot()).threads[0]?.frames.map(({ name }) => name);
    const cache = join(scratch, 'cache');
    process.env['XDG_CACHE_HOME'] = cache;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
      rmSync(cache, { recursive: true, force: true });
      writeFileSync(path, whole, { flag: 'r+' });
      damage(path, whole, seededRandom(seed));
      const before = process.cpuUsage();
      const { threads } = scene.inspection.snapshot({ native: 'all-threads' });
      const { user, system } = process.cpuUsage(before);
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      expect(
        threads[0]?.frames.map(({ name }) => name),
        `Python frames of seed ${seed}`,
      ).toEqual(names);
      expect(threads[0]?.native?.frames.length, `native frames of seed ${seed}`).toBeGreaterThan(0);
      expect((user + system) / 1000, `milliseconds of seed ${seed}`).toBeLessThan(LONGEST_MS);
      expect(heapUsed + arrayBuffers, `bytes after seed ${seed}`).toBeLessThan(LARGEST_HEAP_BYTES);
    }
  },
);
