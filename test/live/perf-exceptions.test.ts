import { describe, expect, test } from 'vitest';
import { startSampling } from '../../src/api/index.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, type SeenStack, seenStacks } from '../support/profile-shares.ts';

/** What test/programs/raising.py does while an exception is handled, and for how many parts of its time. */
const HANDLING = { handling: 2, leaving: 1, generating: 1, cleaning: 1, resumed: 1 } as const;
/** In 2.7 neither a `finally` nor a generator that goes on has the exception in `sys.exc_info()`. */
const HANDLING_2_7 = { handling: 2, leaving: 1, generating: 1 } as const;
/** Between the two calls of a generator that is in its except clause, nothing is handled. */
const NOT_HANDLING = ['plain', 'between'];

const isOf =
  (...names: readonly string[]) =>
  ({ calls }: SeenStack): boolean =>
    calls.some((name) => names.includes(name.split('.').at(-1) ?? ''));

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'raising.py' }, (scene) => {
    const parts: Readonly<Record<string, number>> = ['2.7'].includes(interpreter.family)
      ? HANDLING_2_7
      : HANDLING;

    test('a profile of exceptions has what is done while one is handled, in its parts, and nothing else', async () => {
      const { account, ...profile } = await startSampling(scene().truth.pid, {
        rateHz: 1000,
        sweeps: 500,
        mode: 'exception',
      }).ended;
      const stacks = seenStacks({ account, ...profile });
      const ofWorker = stacks.filter(({ thread }) => thread === 'worker');
      const all = countLooks(ofWorker, () => true);
      expect(all).toBeGreaterThan(50);
      expect(countLooks(ofWorker, isOf(...NOT_HANDLING)) / all).toBeLessThan(0.02);
      const whole = Object.values(parts).reduce((sum, part) => sum + part, 0);
      for (const [name, part] of Object.entries(parts)) {
        const share = countLooks(ofWorker, isOf(name)) / all;
        expect(share / (part / whole), `the share of ${name}`).toBeGreaterThan(1 / 3);
        expect(share / (part / whole), `the share of ${name}`).toBeLessThan(3);
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
