import { expect } from 'vitest';
import { InspectorError } from '../../src/api/index.ts';
import { LiveTarget } from '../../src/target/live-target.ts';
import type { Pause } from '../../src/target/target.ts';
import { seededRandom } from './damaged-memory.ts';
import type { Hostility } from './hostile-memory.ts';

/** PYFLIGHT_HOSTILE_CASES for each version. */
export const CASES = Number(process.env['PYFLIGHT_HOSTILE_CASES'] ?? 60);
/** PYFLIGHT_SEED is the first seed, and a failure names its own. */
export const FIRST_SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000_000);
/** Of processor time, since the machine may be busy. */
const LONGEST_MS = 2000;
const LARGEST_HEAP_BYTES = 700 * 1024 * 1024;

/** A target that cannot be stopped, since it is only remembered. */
export class RememberedTarget extends LiveTarget {
  override pause(): Pause {
    return {
      threadIds: [],
      unstoppedThreadIds: [],
      sleepingThreadIds: [],
      pausedForNs: 0n,
      findAwakened: () => [],
      syscallOf: () => undefined,
      endCall: () => false,
      registersOf: () => undefined,
      resume: () => undefined,
      [Symbol.dispose]: () => undefined,
    };
  }
}

/** One way in which memory can be hostile, of a seed. */
export function hostilityOf(seed: number, typicalReads: number): Hostility {
  const random = seededRandom(seed);
  const kind = random();
  const isSteady = random() < 0.5;
  if (kind < 0.5) return { random, rate: 0, onlyRead: Math.floor(random() * typicalReads), isSteady };
  return { random, rate: 10 ** -(0.3 + 3 * random()), isSteady };
}

/** Runs a case, which ends well or with an error of ours, soon, and holds on to little. */
export function attempt(seed: number, run: () => void): void {
  const before = process.cpuUsage();
  try {
    run();
  } catch (error) {
    if (!(error instanceof InspectorError)) throw new Error(`seed ${seed}`, { cause: error });
  }
  const { user, system } = process.cpuUsage(before);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  expect((user + system) / 1000, `milliseconds of seed ${seed}`).toBeLessThan(LONGEST_MS);
  expect(heapUsed + arrayBuffers, `bytes after seed ${seed}`).toBeLessThan(LARGEST_HEAP_BYTES);
}
