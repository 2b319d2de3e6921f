import { expect, test } from 'vitest';
import type { Snapshot, SnapshotOptions } from '../../src/api/index.ts';
import type { Frame } from '../../src/model/frame.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters, describeScene, isSince, threadNamed } from '../support/matrix.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';

const MANY = 50;

const LOOKS: readonly (readonly [title: string, options: SnapshotOptions])[] = [
  ['a paused process', {}],
  ['a running process', { pause: false }],
];

/** A made function in the file that was made for it, or its module. */
const MADE = /^<churned-(\d+)> (made_\1:2|<module>:[012])$/;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'exec-churn.py' }, (scene) => {
    test.each(LOOKS)('snapshot() of %s never mixes up code objects that come and go', (_, options) => {
      const stacks = Array.from({ length: MANY }, () =>
        threadNamed(scene().inspection.snapshot(options), 'churner'),
      );
      // Of one that never stood still what was seen last is shown, and that it is torn.
      const whole = stacks.filter(({ problems }) => problems.length === 0);
      const places = whole.flatMap(({ frames }) => frames.map(placeOf));
      const made = places.filter((place) => MADE.test(place));
      const others = new Set(places.filter((place) => !MADE.test(place)));
      expect(knownPlaces(scene().truth, 'churner')).toEqual(expect.arrayContaining([...others]));
      expect(new Set(made).size).toBeGreaterThan(1);
      if (options.pause === false) return;
      expect(stacks.flatMap(({ problems }) => problems)).toEqual([]);
      expect(new Set(stacks.map(({ frames }) => frames.at(-1)?.name)).size).toBe(1);
    });
  });

  describeScene({ interpreter, program: 'terminated-thread.py' }, (scene) => {
    test('ThreadStack.isTerminated marks the thread that has ended, which has no id any more', async () => {
      const { threads, problems } = await scene().snapshot();
      const ended: unknown = scene().truth.facts['ended'];
      const terminated = threads.filter(({ isTerminated }) => isTerminated);
      expect(ended).toMatchObject({ ident: terminated[0]?.pthreadId });
      expect(terminated).toMatchObject([
        { osThreadId: undefined, frames: [], activity: { state: 'unknown' } },
      ]);
      expect(problems).toEqual([]);
    });

    test('snapshot() tells the threads that live beside one that has ended', async () => {
      const snapshot = await scene().snapshot();
      const living = { ...snapshot, threads: snapshot.threads.filter(({ isTerminated }) => !isTerminated) };
      expect(seenThreads(living)).toEqual(trueThreads(scene().truth));
    });
  });

  describeScene({ interpreter, program: 'atexit-blocked.py' }, (scene) => {
    test('snapshot() tells the frames of an exit handler, before which nothing is torn down', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
      expect(snapshot.problems).toEqual([]);
    });
  });
});

describeInterpreters('3.6', (interpreter) => {
  describeScene({ interpreter, program: 'finalizing.py' }, (scene) => {
    test('snapshot() says that the interpreter shuts down, and still tells the frames', async () => {
      const { threads, problems } = await scene().snapshot();
      const frames = threads[0]?.frames.map(({ name, position }) => [name, position?.line]);
      expect(frames).toEqual(scene().truth.threads[0]?.frames.map(({ name, line }) => [name, line]));
      expect(problems).toEqual(
        isSince(interpreter, '3.7')
          ? [
              {
                kind: 'interpreter-finalizing',
                message:
                  'The interpreter is shutting down, so some threads may have no Python stack any more',
              },
            ]
          : [],
      );
    });
  });

  describeScene({ interpreter, program: 'gc-collecting.py' }, (scene) => {
    test('snapshot() tells the frames of a finalizer that the collector called', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
    });

    test('ThreadStack.isCollectingGarbage names the thread whose finalizer blocks, or nobody', async () => {
      const snapshot = await scene().snapshot();
      expect(collectingBy(snapshot)).toEqual(
        canTellCollector(interpreter)
          ? { collector: true, MainThread: false }
          : { collector: undefined, MainThread: undefined },
      );
    });
  });

  describeScene({ interpreter, program: 'gc-running.py' }, (scene) => {
    test('ThreadStack.isCollectingGarbage marks the thread that collects, whatever its functions are called', () => {
      const marks = Array.from({ length: MANY }, () => {
        const { isCollectingGarbage, gil } = threadNamed(scene().inspection.snapshot(), 'tidier');
        return `${isCollectingGarbage} ${gil}`;
      });
      if (isSince(interpreter, '3.7'))
        expect(marks).toContain(interpreter.isFreeThreaded ? 'true none' : 'true holds');
      else expect(marks.filter((mark) => !mark.startsWith('undefined '))).toEqual([]);
      const main = threadNamed(scene().inspection.snapshot(), 'MainThread').isCollectingGarbage;
      expect(main ?? false).toBe(false);
    });
  });

  describeScene({ interpreter, program: 'gc-released.py' }, (scene) => {
    test.skipIf(!canTellCollector(interpreter))(
      'ThreadStack.isCollectingGarbage is not of the thread that has the GIL meanwhile',
      async () => {
        const snapshot = await scene().snapshot();
        expect(collectingBy(snapshot)).toEqual({ collector: true, spinner: false, MainThread: false });
      },
    );
  });
});

/** The collector is found by the symbols of its functions, which stripping removes; 3.15 names its frame. */
function canTellCollector(interpreter: Interpreter): boolean {
  return isSince(interpreter, '3.15') || (isSince(interpreter, '3.7') && !interpreter.isStripped);
}

function collectingBy({ threads }: Snapshot): Readonly<Record<string, boolean | undefined>> {
  return Object.fromEntries(
    threads.map(({ pythonName = '', isCollectingGarbage }) => [pythonName, isCollectingGarbage]),
  );
}

/** The functions that a thread is in for good, and those that it may call. */
function knownPlaces({ threads }: GroundTruth, name: string): readonly string[] {
  const frames = threads.find((thread) => thread.name === name)?.frames ?? [];
  return frames
    .filter(({ file }) => !file.startsWith('<churned-'))
    .map((frame) => `${frame.file} ${frame.name}:${frame.firstLine}`);
}

function placeOf({ filename, name, firstLine }: Frame): string {
  return `${filename} ${name}:${firstLine}`;
}
