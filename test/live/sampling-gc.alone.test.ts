import { describe, expect, test } from 'vitest';
import { firstOfEach } from '../support/interpreters.ts';
import { describeScene } from '../support/matrix.ts';
import { countLooks, type SeenStack } from '../support/profile-shares.ts';
import { sampledBeside } from '../support/spent-times.ts';

/** Beside what chance adds at so many looks. */
const MOST_ERROR = 0.05;
/** When a collection begins or ends, its mark and the stack may be of two moments. */
const MOST_MIXED = 0.05;

/** One for each place where CPython keeps that it collects: the runtime, the interpreter, where debug offsets say. */
const INTERPRETERS = firstOfEach(['3.8', '3.11', '3.13', '3.15']);

describe.each(INTERPRETERS.map((each) => ({ interpreter: each, name: each.name })))(
  'CPython $name',
  ({ interpreter }) => {
    describeScene({ interpreter, program: 'gc-shares.py' }, (scene) => {
      test('the collector has the share of a profile that it has by its own callbacks, and a frame of its own', async () => {
        const { stacks, shares } = await sampledBeside(scene(), {
          rateHz: 1000,
          sweeps: 600,
          mode: 'wall',
          thread: 'worker',
          gc: true,
        });
        const all = countLooks(stacks, () => true);
        const collecting = countLooks(stacks, isMarked);
        const share = shares.get('collecting') ?? Number.NaN;
        const chance = 3 * Math.sqrt((share * (1 - share)) / all);
        expect(all).toBeGreaterThan(300);
        expect(Math.abs(collecting / all - share)).toBeLessThan(MOST_ERROR + chance);
        const mixed = countLooks(stacks, (stack) => isMarked(stack) && stack.calls.at(-2) === 'compute');
        expect(mixed).toBeLessThan(2 + MOST_MIXED * collecting);
      });
    });
  },
);

function isMarked({ calls }: SeenStack): boolean {
  return calls.at(-1) === '<GC>';
}
