import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Profile, startSampling } from '../../src/api/index.ts';
import { computingMode, describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, isOf, type SeenStack, seenStacks } from '../support/profile-shares.ts';

describeInterpreters('2.7', (interpreter) => {
  const outermost = ['2.7'].includes(interpreter.family) ? '__bootstrap' : '_bootstrap';

  describeScene({ interpreter, program: 'sampled.py' }, (scene) => {
    test('threads that sleep are in a profile of wall-clock time and not in one of the CPU', async () => {
      const both = (['wall', 'cpu'] as const).map(
        (mode) => startSampling(scene().truth.pid, { rateHz: 1000, sweeps: 60, mode }).ended,
      );
      const [wall = [], cpu = []] = (await Promise.all(both)).map(seenStacks);
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
  });

  describeScene({ interpreter, program: 'exec-churn.py' }, (scene) => {
    test('code that lies where other code was freed bears its own name', async () => {
      const profile = await startSampling(scene().truth.pid, {
        rateHz: 5000,
        sweeps: 5000,
        mode: computingMode(interpreter),
      }).ended;
      const made = seenStacks(profile).filter(({ calls }) => calls.at(-1)?.startsWith('made_'));
      // Stacks of code that is new each time are often left out: its calls are not known.
      expect(made.length).toBeGreaterThan(0);
      for (const { calls, files } of made)
        expect(files.at(-1)).toBe(`<churned-${calls.at(-1)?.slice('made_'.length)}>`);
    });
  });

  describeScene({ interpreter, program: 'thread-churn.py' }, (scene) => {
    test('threads that come and go do not disturb a profile of those that stay', async () => {
      const { account, ...profile } = await startSampling(scene().truth.pid, {
        rateHz: 1000,
        sweeps: 250,
        mode: 'wall',
      }).ended;
      const stacks = seenStacks({ account, ...profile });
      for (const { calls } of stacks) {
        const first = calls[0]?.split('.').at(-1);
        expect([outermost, '<module>']).toContain(first);
      }
      const churner = countLooks(stacks, ({ thread }) => thread === 'churner');
      // In the first quarter of a second calls that are in doubt are not known yet, and such stacks are left out: 0 to a third of them.
      expect(churner).toBeGreaterThan(account.sweeps * 0.5);
    });
  });
});

describe('startSampling()', () => {
  test('refuses a process that is not there', async () => {
    await expect(startSampling(4_194_304).ended).rejects.toMatchObject({ code: 'no-such-process' });
  });
});
