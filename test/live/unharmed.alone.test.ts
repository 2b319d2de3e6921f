import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import {
  type CountingTarget,
  isTraced,
  startCounting,
  threadStatesOf,
  until,
} from '../support/counting-target.ts';
import { seededRandom } from '../support/damaged-memory.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { type RunResult, runProgram } from '../support/program-run.ts';

/** PYFLIGHT_SEED repeats a run; the failure names it. */
const SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000);
const KILLS = { once: 100, watch: 30, 'mid-pause': 30 } as const;
/** Of the time that one look of the program takes, so much is Node.js alone, which has not come to the target yet. */
const STARTING = 0.25;

const python = findInterpreters().findLast(({ kind, root }) => kind === 'shared' && root === undefined);
if (python === undefined) throw new Error('there is no Python to run');

/** Runs as many at a time as fit two processors, each on a target of its own. */
async function onTwoTargets(
  count: number,
  body: (counting: CountingTarget, index: number) => Promise<void>,
): Promise<void> {
  const lane = async (first: number): Promise<void> => {
    await using counting = await startCounting(python?.path ?? '');
    for (let index = first; index < count; index += 2) await body(counting, index);
  };
  await Promise.all([lane(0), lane(1)]);
}

async function expectUnharmed(counting: CountingTarget): Promise<void> {
  expect(isTraced(counting.pid)).toBe(false);
  await until(() => !/[tT]/u.test(threadStatesOf(counting.pid)), 'no thread is stopped');
  await counting.untilAllProgress();
}

/** How long one look of the program takes, on this machine as it is. */
async function lifetimeOfLook(): Promise<number> {
  await using counting = await startCounting(python?.path ?? '');
  const began = performance.now();
  await stackOf(counting).ended;
  return performance.now() - began;
}

const stackOf = ({ pid }: CountingTarget, ...words: readonly string[]) =>
  runProgram(['stack', `${pid}`, '--locals', ...words]);

describe(`the target of a program that is ended at random, with PYFLIGHT_SEED=${SEED},`, () => {
  const random = seededRandom(SEED);

  test(`goes on after kill -9 at ${KILLS.once} moments of one look`, { timeout: 200_000 }, async () => {
    const lifetimeMs = await lifetimeOfLook();
    await onTwoTargets(KILLS.once, async (counting) => {
      const { child, ended } = stackOf(counting);
      await Promise.race([setTimeout(lifetimeMs * (STARTING + (1 - STARTING) * random())), ended]);
      child.kill('SIGKILL');
      expect(['SIGKILL', 0]).toContain((await ended).status);
      await expectUnharmed(counting);
    });
  });

  test(`goes on after kill -9 at ${KILLS.watch} moments of a watch`, { timeout: 200_000 }, async () => {
    await onTwoTargets(KILLS.watch, async (counting) => {
      const { child, ended, firstOutput } = stackOf(counting, '--watch=0.05');
      await firstOutput;
      await setTimeout(random() * 120);
      child.kill('SIGKILL');
      expect((await ended).status).toBe('SIGKILL');
      await expectUnharmed(counting);
    });
  });

  test(`goes on after kill -9 in ${KILLS['mid-pause']} pauses`, { timeout: 200_000 }, async () => {
    await onTwoTargets(KILLS['mid-pause'], async (counting) => {
      const { child, ended } = stackOf(counting, '--watch=0.05');
      await until(() => isTraced(counting.pid), 'the program stops the target');
      child.kill('SIGKILL');
      expect((await ended).status).toBe('SIGKILL');
      await expectUnharmed(counting);
    });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('goes on after %s in a pause and at any other moment', async (signal, status) => {
    await onTwoTargets(6, async (counting, index) => {
      const { child, ended, firstOutput } = stackOf(counting, '--watch=0.05');
      await firstOutput;
      if (index < 3) await until(() => isTraced(counting.pid), 'the program stops the target');
      else await setTimeout(random() * 120);
      child.kill(signal);
      expect(await ended).toMatchObject({ status, notes: '' });
      await expectUnharmed(counting);
    });
  });
});

test('a process that was stopped before stays stopped while it is looked at, and continues at SIGCONT', async () => {
  await using counting = await startCounting(python.path);
  process.kill(counting.pid, 'SIGSTOP');
  await until(() => threadStatesOf(counting.pid) === 'T', 'the target is stopped');
  using inspection = await attach(counting.pid);
  for (let look = 0; look < 50; look += 1) {
    const { threads } = inspection.snapshot({ locals: true, pause: look % 2 === 0 });
    expect(threads.map(({ frames }) => frames.at(-1)?.name)).toHaveLength(4);
    await until(() => threadStatesOf(counting.pid) === 'T', 'the target is stopped again');
  }
  expect(await runProgram(['stack', `${counting.pid}`]).ended).toMatchObject({ status: 0, notes: '' });
  await until(() => threadStatesOf(counting.pid) === 'T', 'the target is stopped after all');
  process.kill(counting.pid, 'SIGCONT');
  await expectUnharmed(counting);
});

/** One sentence, what to type next, and nothing of our own insides. */
function expectPlainEnd({ status, notes }: RunResult): void {
  expect([status, notes]).toEqual([
    3,
    expect.stringMatching(/^error: Cannot inspect process \d+: .+\n( {2}.+\n)+$/u),
  ]);
  expect(notes).not.toMatch(/bug of|\.js|^ *at /mu);
}

const ENDINGS: readonly (readonly [title: string, line: string])[] = [
  ['exits', 'os._exit(0)'],
  ['is killed', 'os.kill(os.getpid(), 9)'],
  ['crashes', 'os.abort()'],
  ['runs another program', 'os.execv("/bin/sleep", ["sleep", "100"])'],
  ['runs another Python', 'os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(100)"])'],
];

test.each(ENDINGS)(
  'pyflight says so in a sentence when the target %s in the middle of a watch',
  async (_, line) => {
    await using counting = await startCounting(python.path);
    const { ended, firstOutput } = stackOf(counting, '--watch=0.05');
    await firstOutput;
    counting.target.send(line);
    expectPlainEnd(await ended);
  },
);

test.each(ENDINGS)(
  'pyflight shows the stack or says so when the target %s at any moment',
  async (_, line) => {
    const random = seededRandom(SEED);
    const lifetimeMs = await lifetimeOfLook();
    for (let round = 0; round < 4; round += 1) {
      await using counting = await startCounting(python.path);
      const { ended } = stackOf(counting);
      await Promise.race([setTimeout(random() * lifetimeMs), ended]);
      counting.target.send(line);
      const result = await ended;
      expect(result.notes).not.toMatch(/bug of|\.js|^ *at /mu);
      expect([0, 1, 3, 5]).toContain(result.status);
      expect(result.notes.split('\n').length).toBeLessThan(5);
    }
  },
);

test('a target that forks in the middle of a watch and its children go on', async () => {
  await using counting = await startCounting(python.path);
  const { child, ended, firstOutput } = stackOf(counting, '--watch=0.05');
  await firstOutput;
  for (let forks = 0; forks < 30; forks += 1) {
    counting.target.send('pid = os.fork(); os._exit(0) if pid == 0 else print(os.waitpid(pid, 0)[1])');
    expect(await counting.target.nextLine()).toBe('0');
  }
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ status: 130, notes: '' });
  await expectUnharmed(counting);
});
