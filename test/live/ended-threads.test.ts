import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Profile, type Sampling, startSampling } from '../../src/api/index.ts';
import { LiveProfile, WindowGatherer } from '../../src/api/profiles.ts';
import { firstOfEach, type Interpreter } from '../support/interpreters.ts';
import { describeScene, isSince } from '../support/matrix.ts';
import { countLooks, seenStacks } from '../support/profile-shares.ts';

/** A thread has nothing that tells it from another (2.7), a number of its state (3.8), the kernel's id (3.15). */
const INTERPRETERS = firstOfEach(['2.7', '3.8', '3.15']);

/** So many threads that have ended have a row of their own; beside them are those that are there, and that come and go meanwhile. */
const MOST_ROWS = 1000 + 3 * 16;

describe.each(INTERPRETERS.map((each): [string, Interpreter] => [each.name, each]))(
  'CPython %s',
  (_, interpreter) => {
    describeScene({ interpreter, program: 'thread-turns.py' }, (scene) => {
      // Before, nothing in its state tells a thread from one that begins where it has ended between two looks.
      const expectOwn = isSince(interpreter, '3.7') ? expectOwnStacks : () => undefined;
      const start = (forgetsEnded: boolean): Sampling =>
        startSampling(scene().truth.pid, { rateHz: 2000, mode: 'wall', forgetsEnded });

      test('a profile of the whole time has rows for a bounded number of threads, and no stack of another thread in them', async () => {
        const sampling = start(false);
        const gatherer = new WindowGatherer();
        do gatherer.add(await windowOf(sampling));
        while ((gatherer.profile?.account.sharingThreads ?? 0) < 100);
        sampling.stop();
        gatherer.add(await sampling.ended);
        const { profile } = gatherer;
        if (profile === undefined) throw new RangeError('There is no profile');
        expect(profile.threads.length).toBeLessThanOrEqual(MOST_ROWS);
        expect(profile.threads.reduce((sum, { sharedBy }) => sum + sharedBy - 1, 0)).toBe(
          profile.account.sharingThreads,
        );
        expect(countLooks(seenStacks(profile), () => true)).toBe(profile.account.samples);
        expectOwn(profile);
      });

      test('windows that are looked at one by one have rows for the threads that were there meanwhile', async () => {
        const sampling = start(true);
        const live = new LiveProfile();
        const turns = new Set<string>();
        let moment = live.take(await windowOf(sampling));
        while (turns.size < 5 * moment.profile.threads.length) {
          const window = await windowOf(sampling);
          expectOwn(window);
          for (const turn of turnsOf(window).values()) for (const name of turn) turns.add(name);
          moment = live.take(window);
          expectOwn({ ...moment.profile, samples: moment.whole.samples });
        }
        sampling.stop();
        await sampling.ended;
        expect(moment.profile.account.sharingThreads).toBe(0);
        const whole = { ...moment.profile, samples: moment.whole.samples };
        expect(countLooks(seenStacks(whole), () => true)).toBe(moment.profile.account.samples);
      });
    });
  },
);

/** A window in which something was seen. */
async function windowOf(sampling: Sampling): Promise<Profile> {
  const { samples } = sampling.progress;
  while (sampling.progress.samples < samples + 100) await wait(1);
  return await sampling.takeWindow();
}

/** By row the names of the functions that only one thread ever runs. */
function turnsOf(profile: Profile): ReadonlyMap<number, ReadonlySet<string>> {
  const turns = new Map<number, Set<string>>();
  for (const { row, calls } of seenStacks(profile)) {
    const turn = calls.find((name) => name.startsWith('turn_'));
    if (turn !== undefined) turns.set(row, (turns.get(row) ?? new Set()).add(turn));
  }
  return turns;
}

/** Each thread runs a function of its own name: one function in a row of its own, and no function in two rows. */
function expectOwnStacks(profile: Profile): void {
  const rows = new Map<string, number>();
  for (const [row, turns] of turnsOf(profile)) {
    const { name, sharedBy } = profile.threads[row] ?? {
      name: undefined,
      sharedBy: Number.POSITIVE_INFINITY,
    };
    expect(turns.size).toBeLessThanOrEqual(sharedBy);
    if (sharedBy === 1 && name?.startsWith('turn_') === true) expect([...turns]).toEqual([name]);
    for (const turn of turns) {
      expect(rows.has(turn)).toBe(false);
      rows.set(turn, row);
    }
  }
}
