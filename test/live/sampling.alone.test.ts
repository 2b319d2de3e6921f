import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Profile, startSampling } from '../../src/api/index.ts';
import { computingMode, describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, type SeenStack, seenStacks } from '../support/profile-shares.ts';
import { sampledBeside } from '../support/spent-times.ts';

/** Shares of what a program does come out within two per cent of it, and what chance adds at so many looks. */
const MOST_ERROR = 0.02;

describeInterpreters('2.7', (interpreter) => {
  const outermost = ['2.7'].includes(interpreter.family) ? '__bootstrap' : '_bootstrap';

  describeScene({ interpreter, program: 'sampled.py' }, (scene) => {
    test('a profile shows where the time of a thread went, as the thread measures it itself', async () => {
      const { stacks, shares } = await sampledBeside(scene(), {
        rateHz: 2000,
        durationSeconds: 1.5,
        mode: 'wall',
        thread: 'computer',
      });
      const all = countLooks(stacks, isOf('heavy', 'medium', 'light'));
      expect(all).toBeGreaterThan(500);
      for (const name of ['heavy', 'medium', 'light'] as const) {
        const share = shares.get(name) ?? Number.NaN;
        const chance = 3 * Math.sqrt((share * (1 - share)) / all);
        expect(Math.abs(countLooks(stacks, isOf(name)) / all - share)).toBeLessThan(MOST_ERROR + chance);
      }
    });

    test('threads that sleep are in a profile of wall-clock time and not in one of the CPU', async () => {
      const plan = { rateHz: 200, durationSeconds: 0.3 } as const;
      const wall = seenStacks(await startSampling(scene().truth.pid, { ...plan, mode: 'wall' }).ended);
      const cpu = seenStacks(await startSampling(scene().truth.pid, { ...plan, mode: 'cpu' }).ended);
      const sleeping = ({ thread }: SeenStack): boolean => thread.startsWith('sleeper');
      expect(new Set(wall.filter(sleeping).map(({ thread }) => thread)).size).toBe(20);
      expect(cpu.filter(sleeping)).toEqual([]);
      expect(countLooks(cpu, ({ thread }) => thread === 'computer')).toBeGreaterThan(0);
    });

    test('windows whose tables begin anew each time have the names of their own stacks', async () => {
      const sampling = startSampling(scene().truth.pid, {
        rateHz: 1000,
        mode: 'wall',
        thread: 'computer',
        mostTableRows: 1,
      });
      const windows: Profile[] = [];
      for (let taken = 0; taken < 4; taken += 1) {
        const { samples } = sampling.progress;
        while (sampling.progress.samples < samples + 30) await wait(1);
        windows.push(await sampling.takeWindow());
      }
      sampling.stop();
      windows.push(await sampling.ended);
      for (const window of windows.slice(0, 4)) {
        const stacks = seenStacks(window);
        expect(countLooks(stacks, isOf('heavy', 'medium', 'light'))).toBeGreaterThan(10);
        for (const { thread, calls } of stacks)
          expect([thread, calls[0]?.split('.').at(-1)]).toEqual(['computer', outermost]);
      }
      const looks = windows.map((window) => countLooks(seenStacks(window), () => true));
      expect(looks.reduce((sum, each) => sum + each, 0)).toBe(windows.at(-1)?.account.samples);
    });

    test('no stack mixes calls of two moments, or is deeper than there can be', async () => {
      scene().target.say('recurse');
      await scene().target.next();
      const { ended } = startSampling(scene().truth.pid, {
        rateHz: 20_000,
        durationSeconds: 0.5,
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
      expect(mixed / seen).toBeLessThan(0.005);
    });
  });

  describeScene({ interpreter, program: 'exec-churn.py' }, (scene) => {
    test('code that lies where other code was freed bears its own name', async () => {
      const profile = await startSampling(scene().truth.pid, {
        rateHz: 5000,
        durationSeconds: 0.5,
        mode: computingMode(interpreter),
      }).ended;
      const made = seenStacks(profile).filter(({ calls }) => calls.at(-1)?.startsWith('made_'));
      expect(made.length).toBeGreaterThan(2);
      for (const { calls, files } of made)
        expect(files.at(-1)).toBe(`<churned-${calls.at(-1)?.slice('made_'.length)}>`);
    });
  });

  describeScene({ interpreter, program: 'thread-churn.py' }, (scene) => {
    test('threads that come and go do not disturb a profile of those that stay', async () => {
      const { account, ...profile } = await startSampling(scene().truth.pid, {
        rateHz: 1000,
        durationSeconds: 0.5,
        mode: 'wall',
      }).ended;
      const stacks = seenStacks({ account, ...profile });
      for (const { calls } of stacks) {
        const first = calls[0]?.split('.').at(-1);
        expect([outermost, '<module>']).toContain(first);
      }
      const churner = countLooks(stacks, ({ thread }) => thread === 'churner');
      expect(churner).toBeGreaterThan(account.sweeps * 0.75);
    });
  });
});

describe('startSampling()', () => {
  test('refuses a process that is not there', async () => {
    await expect(startSampling(4_194_304).ended).rejects.toMatchObject({ code: 'no-such-process' });
  });
});

function isOf(...names: readonly string[]): (stack: SeenStack) => boolean {
  return ({ calls }) => calls.some((name) => names.includes(name));
}
