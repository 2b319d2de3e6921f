import { expect, test } from 'vitest';
import { type Profile, type SampledMode, samplesOf, startSampling } from '../../src/api/index.ts';
import { describeInterpreters, describeScene, isSince } from '../support/matrix.ts';
import { countLooks, seenStacks } from '../support/profile-shares.ts';

async function sample(pid: number, mode: SampledMode): Promise<Profile> {
  return await startSampling(pid, { mode, rateHz: 1000, sweeps: 100 }).ended;
}

/** Which function that computes was seen on which interpreter and which thread of the system. */
function placesOf(profile: Profile): ReadonlySet<string> {
  const stacks = seenStacks(profile);
  return new Set(
    [...samplesOf(profile.samples)].flatMap(({ thread }, at) => {
      const { interpreterId, osThreadId } = profile.threads[thread] ?? {};
      const computing = stacks[at]?.calls.find((name) => name.startsWith('compute_'));
      return computing === undefined ? [] : [`${computing} on ${interpreterId} by ${osThreadId}`];
    }),
  );
}

describeInterpreters('3.8', (interpreter) => {
  describeScene({ interpreter, program: 'busy-interpreters.py' }, (scene) => {
    test('threads are sampled on the interpreters that they run, with what is theirs', async () => {
      const { nativeIds } = scene().truth.facts;
      const places = placesOf(await sample(scene().truth.pid, 'cpu'));
      expect(nativeIds).toEqual({ one: expect.any(Number), two: expect.any(Number) });
      const { one, two }: { one?: unknown; two?: unknown } = Object(nativeIds);
      expect([...places].toSorted()).toEqual([`compute_one on 1 by ${one}`, `compute_two on 2 by ${two}`]);
    });

    test('each GIL has its holder: one of all interpreters, from 3.12 on one of each', async () => {
      const profile = await sample(scene().truth.pid, 'gil');
      const held = countLooks(seenStacks(profile), ({ calls }) =>
        calls.some((name) => name.startsWith('compute_')),
      );
      const shareOfSweeps = held / profile.account.sweeps;
      if (isSince(interpreter, '3.12')) expect(shareOfSweeps).toBeGreaterThan(1.5);
      else expect(shareOfSweeps).toBeLessThanOrEqual(1);
      expect(shareOfSweeps).toBeGreaterThan(0);
    });
  });

  describeScene({ interpreter, program: 'subinterpreters.py' }, (scene) => {
    test('interpreters that rest are seen where they stand, and not on a CPU', async () => {
      const profile = await sample(scene().truth.pid, 'wall');
      const seen = seenStacks(profile).filter(({ calls }) => calls.at(-1) === 'tell_and_block');
      const outer = new Set(seen.map(({ calls }) => calls.find((name) => name.endsWith('_outer'))));
      expect(outer).toEqual(new Set(['live_outer', 'nested_outer']));
      expect((await sample(scene().truth.pid, 'cpu')).account.samples).toBe(0);
    });
  });
});
