import { describe, expect, test } from 'vitest';
import { attach, startSampling } from '../../src/api/index.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
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
          mode: 'gil',
          thread: 'loop',
          tasks: 'running',
        }).ended;
        expectWays(seenStacks({ account, ...profile }), hasNames);
        expect(account.tornSamples / (account.samples + account.tornSamples)).toBeLessThan(0.2);
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
  for (const { calls } of short) expect(isSubsequence(['root', 'spawning', 'short', 'spin'], calls)).toBe(true);
}

function isSubsequence(wanted: readonly string[], calls: readonly string[]): boolean {
  let at = 0;
  for (const call of calls) if (call === wanted[at]) at += 1;
  return at === wanted.length;
}
