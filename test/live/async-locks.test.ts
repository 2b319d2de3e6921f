import { expect, test } from 'vitest';
import { openCore } from '../../src/api/index.ts';
import type { LockReport } from '../../src/model/lock-report.ts';
import { asyncTreeLines } from '../../src/report/async-tree.ts';
import { PLAIN } from '../../src/report/style.ts';
import {
  type AsyncLockTruth,
  asyncLockTruthOf,
  holdersInSnapshot,
  partyName,
  seenCircles,
  seenHeldForThreads,
  seenTaskWait,
  trueCircles,
} from '../support/async-lock-truth.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { untilSettled } from '../support/settled.ts';

const hasGcore = hasTool('gcore');
/** Families of which a core is tried: one of each way to keep value stacks, and to leave `__aexit__` there. */
const WITH_CORE = ['3.6', '3.10', '3.11', '3.13'];

describeInterpreters('3.6', (interpreter) => {
  describeScene({ interpreter, program: 'async-locks.py' }, (scene) => {
    const truth = () => asyncLockTruthOf(scene().truth);

    test.each([true, false])(
      'locks({ pause: %s }) tells what each task waits for, and who holds it',
      async (pause) => {
        await untilSettled(scene().truth);
        expectTruth(scene().inspection.locks({ pause }), truth());
      },
    );

    test('RunningLoop.turn says how long a timer is overdue, and what is ready', async () => {
      await untilSettled(scene().truth);
      const { loop, due, ready } = truth();
      const before = monotonicSeconds() - due;
      const report = scene().inspection.locks();
      const seen = report.loops.find(({ address }) => address === loop);
      expect(seen && report.threads[seen.thread]?.pythonName).toBe('MainThread');
      expect(seen?.turn?.readyCount).toBe(ready);
      expect(seen?.turn?.overdueSeconds).toBeGreaterThanOrEqual(before);
      expect(seen?.turn?.overdueSeconds).toBeLessThanOrEqual(monotonicSeconds() - due);
    });

    test('snapshot() with async says who holds what each task waits for', async () => {
      const snapshot = await scene().snapshot({ async: 'unfinished' });
      for (const task of truth().tasks) expect(holdersInSnapshot(snapshot, task)).toEqual(task.holders);
      const cycles = [...asyncTreeLines(snapshot, { style: PLAIN, fold: true })].filter((line) =>
        line.startsWith('Cycle: '),
      );
      // Its tree knows tasks alone, and shows also the circles that may end.
      const ofTasks = truth().deadlocks.filter((circle) => circle.every((each) => typeof each === 'number'));
      expect(cycles.length).toBe(ofTasks.length + 2);
    });

    test.skipIf(!hasGcore || !WITH_CORE.includes(interpreter.family))(
      'locks() of a core tells the same',
      async () => {
        using directory = new CoreDirectory();
        using core = await openCore(gcore(directory, scene().truth.pid), { native: false });
        const report = core.locks();
        expectTruth(report, truth());
        const { turn } = report.loops.find(({ address }) => address === truth().loop) ?? {};
        expect(turn).toEqual({ readyCount: truth().ready, overdueSeconds: undefined });
      },
    );
  });
});

function expectTruth(report: LockReport, truth: AsyncLockTruth): void {
  for (const task of truth.tasks) expect(seenTaskWait(report, task)).toEqual(task);
  expect(seenCircles(report)).toEqual(trueCircles(truth));
  const [limited, ...others] = report.deadlocks.filter(({ hasTimeLimit }) => hasTimeLimit);
  expect(others).toEqual([]);
  expect(limited?.parties.map((party) => partyName(report, party))).toEqual(
    expect.arrayContaining([...truth.limited]),
  );
  expect(seenHeldForThreads(report)).toEqual(truth.heldForThreads.toSorted());
  expect(report.problems).toEqual([]);
}

function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
