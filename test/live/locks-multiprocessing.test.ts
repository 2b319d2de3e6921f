import { expect, test } from 'vitest';
import { openCore } from '../../src/api/index.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { seenWait, type TrueWait, trueWait, waitsOf } from '../support/lock-truth.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { untilSettled } from '../support/settled.ts';

/** Of which a core is tried: one with old and one with new ways to keep value stacks. */
const WITH_CORE = ['2.7', '3.8', '3.13'];

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'multiprocessing-locks.py' }, (scene) => {
    test.each([true, false])(
      'locks({ pause: %s }) names the locks of multiprocessing, and says who holds them or that none of this process does',
      async (pause) => {
        await untilSettled(scene().truth);
        const report = scene().inspection.locks({ pause });
        for (const wait of waitsOf(scene().truth))
          expect(seenWait(report, wait), wait.thread).toEqual(trueWait(wait));
        expect(report.deadlocks).toEqual([]);
        expect(report.problems).toEqual([]);
      },
    );

    if (!WITH_CORE.includes(interpreter.family) || interpreter.root !== undefined) return;
    test.skipIf(!hasTool('gcore'))('locks() of a core tells the same', async () => {
      using directory = new CoreDirectory();
      using core = await openCore(gcore(directory, scene().truth.pid), { native: false });
      const report = core.locks();
      for (const wait of waitsOf(scene().truth))
        expect(inCore(seenWait(report, wait)), wait.thread).toEqual(inCore(trueWait(wait)));
    });
  });
});

/** What several processes share need not be in the core of one, and with it what it takes to name an owner. */
function inCore(facts: object): Partial<TrueWait> {
  const { kind, object, path }: Partial<TrueWait> = { ...facts };
  return { ...(kind && { kind }), ...(object && { object }), ...(path && { path }) };
}
