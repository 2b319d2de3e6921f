import { expect, test } from 'vitest';
import { seenDeadlocks, seenWait, trueDeadlocks, trueWait, waitsOf } from '../support/lock-truth.ts';
import { describeInterpreters, describeScene, Scene } from '../support/matrix.ts';
import { untilSettled } from '../support/settled.ts';

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'locks.py' }, (scene) => {
    test.each([true, false])(
      'locks({ pause: %s }) tells what each thread waits for, and who holds that',
      async (pause) => {
        const { truth, inspection } = scene();
        await untilSettled(truth);
        const report = inspection.locks({ pause });
        for (const wait of waitsOf(truth))
          expect(seenWait(report, wait), wait.thread).toEqual(trueWait(wait));
        expect(report.problems).toEqual([]);
      },
    );

    test('locks() finds each deadlock once', async () => {
      const { truth, inspection } = scene();
      await untilSettled(truth);
      expect(seenDeadlocks(inspection.locks())).toEqual(trueDeadlocks(truth));
    });
  });
});

describeInterpreters('2.7', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)('locks() finds a deadlock of the GIL and a mutex', async () => {
    await using scene = await Scene.open(interpreter, 'gil-deadlock.py');
    scene.target.say('go on');
    // The target cannot say that it is there: nobody can run Python any more.
    await expect.poll(() => scene.inspection.locks().deadlocks.length, { timeout: 20_000 }).toBe(1);
    const report = scene.inspection.locks();
    expect(report.deadlocks.map(({ hasTimeLimit }) => hasTimeLimit)).toEqual([false]);
    const [holder, main] = ['mutex-holder', 'MainThread'].map((name) =>
      report.threads.find(({ pythonName }) => pythonName === name),
    );
    expect(holder).toMatchObject({ wait: { kind: 'gil' }, holder: { evidence: 'owner' } });
    expect(main?.wait).toEqual({ kind: 'mutex', address: scene.truth.facts['mutex'] });
  });
});
