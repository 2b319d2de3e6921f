import { describe, expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, type SeenStack } from '../support/profile-shares.ts';
import { sampledBeside, sharesOf } from '../support/spent-times.ts';

/** Beside what chance adds at so many looks: a thread that has to wait for a processor is seen at one place for long. */
const MOST_ERROR = 0.15;
/** In 2.7 neither a `finally` nor a generator that goes on has the exception in `sys.exc_info()`. */
const NOT_IN_2_7 = ['cleaning', 'resumed'];
/** Between the two calls of a generator that is in its except clause, nothing is handled. */
const NOT_HANDLING = ['plain', 'between'];

const isOf =
  (...names: readonly string[]) =>
  ({ calls }: SeenStack): boolean =>
    calls.some((name) => names.includes(name.split('.').at(-1) ?? ''));

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'raising.py' }, (scene) => {
    const isSeen = (name: string): boolean => interpreter.family !== '2.7' || !NOT_IN_2_7.includes(name);

    test('a profile of exceptions has what is done while one is handled, in its parts, and nothing else', async () => {
      const wish = { rateHz: 500, sweeps: 400, mode: 'exception' } as const;
      const { account, stacks, shares } = await sampledBeside(scene(), wish);
      const ofWorker = stacks.filter(({ thread }) => thread === 'worker');
      const all = countLooks(ofWorker, () => true);
      expect(all).toBeGreaterThan(50);
      expect(countLooks(ofWorker, isOf(...NOT_HANDLING)) / all).toBeLessThan(0.02);
      for (const [name, share] of sharesOf(new Map([...shares].filter(([each]) => isSeen(each))))) {
        const seen = countLooks(ofWorker, isOf(name)) / all;
        expect(seen, `the share of ${name}`).toBeGreaterThan(0);
        const chance = 3 * Math.sqrt((share * (1 - share)) / all);
        expect(Math.abs(seen - share), `the share of ${name}`).toBeLessThan(MOST_ERROR + chance);
      }
      const sleeping = countLooks(stacks, ({ thread }) => thread === 'handler');
      expect(sleeping).toBeGreaterThan(account.sweeps * 0.9);
      expect(stacks.filter(({ thread }) => thread === 'behind')).toEqual([]);
    });
  });
});

const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);

describe.runIf(newest !== undefined)('of the newest version', () => {
  if (newest === undefined) return;
  describeScene({ interpreter: newest, program: 'raising.py' }, (scene) => {
    test('perf --exception names what it measures', async () => {
      const words = ['perf', String(scene().truth.pid), '--exception', '-d', '0.2', '-f', '-'];
      const { status, out, notes } = await runPyflight([...words, '--format', 'collapsed']);
      expect([status, notes]).toEqual([
        0,
        expect.stringMatching(/^measured {5}time spent raising and handling exceptions\n/),
      ]);
      expect(out).toContain('sleeping_handler');
      expect(out).not.toContain('plain');
    });
  });
});
