import { expect, test } from 'vitest';
import type { LockReport, SystemCallWait, WaitingThread } from '../../src/api/index.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { untilSettled } from '../support/settled.ts';

/** What locks.py says of a blocked thread; what is absent it does not say. */
interface TrueWait {
  readonly thread: string;
  readonly kind: string;
  readonly object?: number;
  /** The name, and the type of what it is an attribute of. */
  readonly path?: readonly string[] | null;
  /** Absent when nobody can be named. */
  readonly holder?: string;
  readonly evidence?: string;
  readonly line?: number;
}

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
      const { deadlocks, threads } = inspection.locks();
      const seen = deadlocks.map((deadlock) => deadlock.threads.map((at) => threads[at]?.pythonName));
      const told: readonly string[][] = JSON.parse(JSON.stringify(truth.facts['deadlocks']));
      expect(seen.map((names) => names.toSorted()).toSorted()).toEqual(told.toSorted());
    });
  });
});

function waitsOf({ facts }: GroundTruth): readonly TrueWait[] {
  return JSON.parse(JSON.stringify(facts['waits']));
}

function trueWait({ thread: _, path, ...facts }: TrueWait): object {
  return { ...facts, ...(path === undefined || path === null ? {} : { path }) };
}

/** The same facts as the truth has, in its words. */
function seenWait({ threads }: LockReport, truth: TrueWait): object {
  const thread = threads.find(({ pythonName }) => pythonName === truth.thread);
  const { wait, holder } = thread ?? {};
  if (wait === undefined) return { wait: 'none' };
  const object = 'object' in wait ? wait.object : undefined;
  const { name } = object ?? {};
  const wanted = trueWait(truth);
  const call = wait.kind === 'system-call' ? seenCall(wait) : {};
  const facts = {
    ...wait,
    ...call,
    object: object?.address,
    path: name && [name.path, ...(name.of === undefined ? [] : [name.of.typeName])],
    holder: nameOf(holder?.thread === undefined ? undefined : threads[holder.thread]),
    evidence: holder?.evidence,
    line: holder?.takenAt?.line,
  };
  const always = ['kind', 'holder', 'evidence', 'line'];
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([key, value]) => key in wanted || (always.includes(key) && value !== undefined),
    ),
  );
}

function seenCall({ files, child, lastsSeconds, remainingSeconds }: SystemCallWait): object {
  const seconds = lastsSeconds ?? remainingSeconds;
  return {
    files: JSON.parse(JSON.stringify(files)),
    child: typeof child === 'object' ? child.pid : child,
    // Some seconds of the last have gone by.
    sleeps: seconds === undefined ? undefined : Math.ceil(seconds / 1000) * 1000,
  };
}

function nameOf(thread: WaitingThread | undefined): string | undefined {
  return thread?.pythonName;
}
