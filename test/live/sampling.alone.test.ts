import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startSampling } from '../../src/api/index.ts';
import { firstOfEach } from '../support/interpreters.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, isOf, type SeenStack, seenStacks } from '../support/profile-shares.ts';
import { sampledBeside } from '../support/spent-times.ts';
import { startCommand } from '../support/target.ts';

/** Shares of what a program does come out within two per cent of it, and what chance adds at so many looks. */
const MOST_ERROR = 0.02;

describeInterpreters('2.7', (interpreter) => {
  const outermost = ['2.7'].includes(interpreter.family) ? '__bootstrap' : '_bootstrap';

  describeScene({ interpreter, program: 'sampled.py' }, (scene) => {
    test('a profile shows where the time of a thread went, as the thread measures it itself', async () => {
      const { stacks, shares } = await sampledBeside(scene(), {
        rateHz: 2000,
        // Not a number of looks: where they are late there are fewer, and more is left to chance.
        durationSeconds: 1,
        mode: 'wall',
        thread: 'computer',
      });
      const all = countLooks(stacks, isOf('heavy', 'medium', 'light'));
      expect(all).toBeGreaterThan(200);
      for (const name of ['heavy', 'medium', 'light'] as const) {
        const share = shares.get(name) ?? Number.NaN;
        const chance = 3 * Math.sqrt((share * (1 - share)) / all);
        expect(Math.abs(countLooks(stacks, isOf(name)) / all - share)).toBeLessThan(MOST_ERROR + chance);
      }
    });

    test('few stacks mix calls of two moments, and none is deeper than there can be', async () => {
      scene().target.say('recurse');
      await scene().target.next();
      const { ended } = startSampling(scene().truth.pid, {
        rateHz: 20_000,
        sweeps: 4000,
        mode: 'wall',
        thread: 'computer',
      });
      const profile = await ended;
      const stacks = seenStacks(profile);
      const seen = countLooks(stacks, () => true);
      expect(seen).toBeGreaterThan(100);
      for (const { calls } of stacks) {
        expect(calls[0]?.split('.').at(-1)).toBe(outermost);
        expect(calls.filter((name) => name === 'odd' || name === 'even').length).toBeLessThanOrEqual(16);
      }
      const mixed = countLooks(stacks, (stack) => isOf('odd')(stack) && isOf('even')(stack));
      // As long as few stacks are known, a call that was never made may be believed: a plain read mixes 12 to 37 % here.
      expect(mixed / seen).toBeLessThan(0.03);
    });

    test('a thread hardly moves while it is looked at from its own CPU, and is let run where it was', async () => {
      const { pid } = scene().truth;
      const allowed = () => /^Cpus_allowed:.*$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[0];
      const before = allowed();
      // It recurses still.
      const options = { rateHz: 500, durationSeconds: 1, mode: 'wall', thread: 'computer' } as const;
      const profile = await startSampling(pid, { ...options, sameCpu: true }).ended;
      const { samples, unsteadySamples, tornSamples } = profile.account;
      expect(samples).toBeGreaterThan(100);
      // Some hundreds of both where it goes on meanwhile.
      expect((unsteadySamples + tornSamples) / samples).toBeLessThan(0.2);
      const stacks = seenStacks(profile);
      const both = countLooks(stacks, isOf('odd')) - countLooks(stacks, isOf('even'));
      expect(Math.abs(both) / countLooks(stacks, isOf('odd', 'even'))).toBeLessThan(0.5);
      expect(allowed()).toBe(before);
    });

    test('a generator that yields all the time is called from where it is resumed', async () => {
      scene().target.say('generate');
      await scene().target.next();
      const { ended } = startSampling(scene().truth.pid, {
        rateHz: 5000,
        sweeps: 3000,
        mode: 'wall',
        thread: 'computer',
      });
      const stacks = seenStacks(await ended);
      const seen = countLooks(stacks, () => true);
      expect(seen).toBeGreaterThan(300);
      const ways = ['compute', 'outer_generator', 'middle_generator', 'innermost_generator'];
      const isWhole = ({ calls }: SeenStack) => {
        const own = calls.slice(calls.findIndex((name) => name.endsWith('compute')));
        return calls[0]?.split('.').at(-1) === outermost && own.every((name, at) => name === ways[at]);
      };
      expect(countLooks(stacks, isWhole) / seen).toBeGreaterThan(0.95);
    });
  });
});

/** Two threads that compute in turn, each on the CPU that is free. */
const IN_TURN = `
import sys, threading
def leaf(number): return number + 1
def compute():
    while True:
        number = 0
        for _ in range(200): number = leaf(number)
threading.Thread(target=compute, daemon=True).start()
sys.stdout.write("{}\\n")
sys.stdout.flush()
compute()
`;

describe.each(firstOfEach(['3.8', '3.12']))('CPython $name', (interpreter) => {
  test('the thread that has the GIL is followed to its CPU within a look', async () => {
    await using target = await startCommand(interpreter, [...interpreter.command, '-c', IN_TURN]);
    const options = { rateHz: 200, durationSeconds: 2, mode: 'gil', sameCpu: true } as const;
    const { samples, unsteadySamples } = (await startSampling(target.pid, options).ended).account;
    expect(samples).toBeGreaterThan(50);
    // A quarter where it is followed for the next look alone.
    expect(unsteadySamples / samples).toBeLessThan(0.12);
  });
});
