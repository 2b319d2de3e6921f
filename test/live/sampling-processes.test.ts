import { expect, test } from 'vitest';
import { type SamplingOptions, startSampling } from '../../src/api/index.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { FollowedSampling, type SeenProcess } from '../support/sampled-windows.ts';
import { startTarget } from '../support/target.ts';

const FAMILY = { mode: 'wall', rateHz: 200, subprocesses: true } as const;

function follow(pid: number, options: SamplingOptions): FollowedSampling {
  return new FollowedSampling(startSampling(pid, options));
}

/** The process that was seen in a function: only one may have been. */
function seenIn(seen: readonly SeenProcess[], name: string): SeenProcess {
  const [process, ...others] = seen.filter(({ calls }) => calls.has(name));
  expect(others).toEqual([]);
  return process ?? { pid: 0, parent: undefined, calls: new Set() };
}

function numberOf(fact: unknown): number {
  if (typeof fact !== 'number') throw new TypeError(`${fact} is no number`);
  return fact;
}

describeInterpreters('2.7', (interpreter) => {
  test('all that a process has started is sampled, as long as it is there', async () => {
    await using target = await startTarget(interpreter, 'family.py');
    const root = target.pid;
    const alone = follow(root, { ...FAMILY, subprocesses: false });
    const family = follow(root, FAMILY);
    await family.untilSeen('announce', 'forked', 'in_shell', 'grandchild');
    target.say('start one');
    const child = numberOf((await target.next()).facts['started']);
    await family.untilSeen('started');
    target.say('end it');
    await target.next();
    const { account } = await family.end();
    const { seen } = family;
    expect(account).toMatchObject({ sampledProcesses: 5, unreadProcesses: [], endedBecause: 'interrupted' });
    expect(seenIn(seen, 'announce')).toMatchObject({ pid: root, parent: undefined });
    expect(seenIn(seen, 'forked').parent).toBe(root);
    expect(seenIn(seen, 'in_shell').parent).toBe(root);
    expect(seenIn(seen, 'grandchild').parent).toBe(seenIn(seen, 'in_shell').pid);
    expect(seenIn(seen, 'started')).toMatchObject({ pid: child, parent: root });
    await alone.end();
    expect(alone.seen.map(({ pid }) => pid)).toEqual([root]);
    expect(alone.seen[0]?.calls).not.toContain('stay');
  });

  test('a process that becomes another Python program is sampled on', async () => {
    await using target = await startTarget(interpreter, 'exec-again.py');
    const sampling = follow(target.pid, { mode: 'wall', rateHz: 200 });
    await sampling.untilSeen('first');
    target.say('become another');
    await target.next();
    await sampling.untilSeen('second');
    expect((await sampling.end()).account.sampledProcesses).toBe(1);
    const { seen } = sampling;
    expect(seen.map(({ pid }) => pid)).toEqual([target.pid, target.pid]);
    expect(seen.map(({ calls }) => calls.has('second'))).toEqual([false, true]);
  });

  test.skipIf(!isSince(interpreter, '3.6') || interpreter.isDebugBuild)(
    'workers of multiprocessing are sampled, however they were started',
    async () => {
      const ways = ['fork', 'spawn', 'forkserver'];
      await using target = await startTarget(interpreter, 'worker-processes.py', { args: ways });
      const { workers } = target.groundTruth.facts;
      const family = follow(target.pid, FAMILY);
      const workersAmong = (seen: readonly SeenProcess[]): readonly number[] =>
        seen.filter(({ calls }) => calls.has('worker')).map(({ pid }) => pid);
      await family.until((seen) => workersAmong(seen).length === ways.length);
      target.say('');
      await target.ended();
      expect((await family.end('wait')).account.endedBecause).toBe('target-ended');
      expect(workersAmong(family.seen).toSorted()).toEqual(Array.isArray(workers) ? workers.toSorted() : []);
    },
  );
});
