import { describe, expect, test } from 'vitest';
import { startSampling } from '../../src/api/index.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { computingMode, describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, type SeenStack, seenStacks } from '../support/profile-shares.ts';
import { interpretersWith, startWithPackages } from '../support/with-package.ts';

/** Where each of the coroutines of test/programs/task-shares.py computes: below it the tasks that wait for it, and in what. */
const WAYS = {
  heavy: ['root', 'grouping', 'heavy', 'burn', 'spin'],
  medium: ['root', 'shielding', 'medium', 'burn', 'spin'],
  light: ['root', 'limited', 'light', 'burn', 'spin'],
} as const;

describeInterpreters('3.6', (interpreter) => {
  const hasNames = !['3.6', '3.7'].includes(interpreter.family);
  // From 3.14 on much of asyncio refuses tasks of Python code.
  const hasPythonTasks = !interpreter.family.startsWith('3.14') && !interpreter.family.startsWith('3.15');
  for (const implementation of hasPythonTasks ? ['c', 'python'] : ['c'])
    describeScene({ interpreter, program: 'task-shares.py', args: [implementation] }, (scene) => {
      test('a profile by task shows what each task takes, and who waits for it', async () => {
        const { account, ...profile } = await startSampling(scene().truth.pid, {
          rateHz: 500,
          sweeps: 250,
          mode: computingMode(interpreter),
          thread: 'loop',
          tasks: 'running',
        }).ended;
        expectWays(seenStacks({ account, ...profile }), hasNames);
        expect(account.tornSamples / (account.samples + account.tornSamples)).toBeLessThan(0.2);
      });

      if (implementation === 'python') return;
      test('with those that wait it shows where each of them does, and native calls of what runs', async () => {
        const { account, ...profile } = await startSampling(scene().truth.pid, {
          rateHz: 500,
          sweeps: 60,
          mode: 'wall',
          tasks: 'all',
          native: true,
        }).ended;
        const stacks = seenStacks({ account, ...profile });
        const waiting = stacks.filter(({ calls }) => calls.includes('waiter'));
        for (const { calls, kinds } of waiting) {
          expect(isSubsequence(['root', 'sleepers', 'waiter', 'sleep'], calls)).toBe(true);
          expect(kinds).not.toContain('native');
        }
        // Two of them, in each sweep but those in which they were not yet found.
        expect(countLooks(waiting, () => true)).toBeGreaterThan(90);
        expect(countLooks(waiting, () => true)).toBeLessThanOrEqual(120);
        // One that waits for others is not told of beside them.
        expect(stacks.filter(({ calls }) => calls.at(-1) === 'sleepers')).toEqual([]);
        // What calls the coroutine of a task is no part of its stack, what that calls is.
        const running = stacks.filter(({ kinds }) => kinds.includes('task') && kinds.includes('native'));
        expect(running.length).toBeGreaterThan(0);
        for (const { kinds } of running)
          expect(kinds.indexOf('native')).toBeGreaterThan(kinds.lastIndexOf('task') + 1);
        expect(account.samplesWithoutNative).toBeLessThan(0.05 * account.samples);
        const others = stacks.filter(({ thread }) => thread === 'without-loop');
        for (const { calls, kinds } of others) {
          expect(kinds[0]).toBe('native');
          const python = calls.filter((_, at) => kinds[at] === 'python');
          expect(python.at(-1)?.split('.').at(-1)).toBe('park');
        }
        expect(account.mostTasks).toBeGreaterThanOrEqual(9);
      });
    });
});

for (const interpreter of interpretersWith('uvloop'))
  test(`a profile by task of a loop of uvloop on CPython ${interpreter.name}`, async () => {
    await using target = await startWithPackages(interpreter, 'task-shares.py', 'uvloop');
    await target.nextLine();
    const mode = computingMode(interpreter);
    const plan = { rateHz: 500, sweeps: 250, mode, thread: 'loop', tasks: 'running' } as const;
    expectWays(seenStacks(await startSampling(target.pid, plan).ended), true);
  });

const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);

describe.runIf(newest !== undefined)('of the newest version', () => {
  if (newest === undefined) return;

  describeScene({ interpreter: newest, program: 'task-shares.py', args: ['c', '10000'] }, (scene) => {
    test('of ten thousand tasks that wait some are read, which stand for all', async () => {
      const { account, ...profile } = await startSampling(scene().truth.pid, {
        rateHz: 100,
        sweeps: 40,
        mode: 'wall',
        tasks: 'all',
      }).ended;
      const stacks = seenStacks({ account, ...profile });
      const waiting = countLooks(stacks, ({ calls }) => calls.includes('waiter'));
      expect(account.mostTasks).toBeGreaterThanOrEqual(10_000);
      expect(account.tasksRead).toBeLessThanOrEqual(32 * account.sweeps);
      expect(waiting / account.sweeps).toBeGreaterThan(7_500);
      expect(waiting / account.sweeps).toBeLessThan(11_000);
    });
  });

  describeScene({ interpreter: newest, program: 'task-shares.py', args: ['c'] }, (scene) => {
    test('a task that runs eagerly is one of its own while it does', async () => {
      const mode = computingMode(newest);
      const plan = { rateHz: 5000, sweeps: 4000, mode, thread: 'loop', tasks: 'running' } as const;
      const stacks = seenStacks(await startSampling(scene().truth.pid, plan).ended);
      const eager = stacks.filter(({ calls }) => calls.includes('eager'));
      const isOwn = ({ calls }: SeenStack): boolean => calls[0] === 'eager' && calls[1] === 'eager';
      expect(countLooks(eager, isOwn)).toBeGreaterThan(0.8 * countLooks(eager, () => true));
    });

    test('top --async has a row for each task, and only what is wanted', async () => {
      const words = ['top', String(scene().truth.pid), '--async', '--thread', 'loop', '--count', '1'];
      const { status, out } = await runPyflight(words);
      expect(status).toBe(0);
      expect(out).toMatch(/TASK\n(.*\n)*.* heavy task\n/);
      expect(out).toMatch(/ root task\n/);
      const filtered = await runPyflight([...words, '--exclude', 'function:heavy*']);
      expect(filtered.out).toMatch(/ medium task\n/);
      expect(filtered.out).not.toContain('heavy');
    });

    test('perf --async writes it, and refuses what would leave out all tasks that wait', async () => {
      const pid = String(scene().truth.pid);
      const words = ['perf', pid, '-d', '0.3', '-f', '-', '--format', 'collapsed'];
      const { status, out } = await runPyflight([...words, '--async', '--thread', 'loop']);
      expect(status).toBe(0);
      expect(out).toMatch(
        /^root task;root \(task-shares\.py:\d+\);.*heavy task;heavy \(task-shares\.py:\d+\);burn/m,
      );
      const refused = await runPyflight([...words, '--gil', '--async-all']);
      expect([refused.status, refused.notes]).toEqual([2, expect.stringContaining('--async-all with --gil')]);
    });
  });
});

function expectWays(stacks: readonly SeenStack[], hasNames: boolean): void {
  const seen = stacks.filter(({ calls }) => calls[0] === (hasNames ? 'root task' : 'root'));
  const all = countLooks(seen, () => true);
  expect(all).toBeGreaterThan(50);
  // What the loop itself does is no task's, and little.
  expect(countLooks(stacks, () => true)).toBeLessThan(1.5 * all);
  const shares = Object.entries(WAYS).map(([name, way]) => {
    const taken = seen.filter(({ calls }) => isSubsequence(way, calls));
    if (hasNames) for (const { calls } of taken) expect(calls).toContain(`${name} task`);
    return countLooks(taken, () => true) / all;
  });
  const [heavy = 0, medium = 0, light = 0] = shares;
  // Seven, two and one parts of ten, but for what a loaded machine makes of it.
  expect(heavy).toBeGreaterThan(medium);
  expect(heavy).toBeGreaterThan(0.4);
  expect(medium).toBeGreaterThan(0.05);
  expect(light).toBeGreaterThan(0.01);
  const short = seen.filter(({ calls }) => calls.includes('short'));
  for (const { calls } of short) expect(isSubsequence(['root', 'spawning', 'short'], calls)).toBe(true);
}

function isSubsequence(wanted: readonly string[], calls: readonly string[]): boolean {
  let at = 0;
  for (const call of calls) if (call === wanted[at]) at += 1;
  return at === wanted.length;
}
