import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { TrueFrame } from '../support/ground-truth.ts';
import { describeInterpreters, describeScene, isSince, Scene, threadNamed } from '../support/matrix.ts';
import { seenFrame, seenThreads, trueFrame, trueThreads } from '../support/seen-threads.ts';

const DEPTH = 10_000;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'inline-calls.py' }, (scene) => {
    test('snapshot() tells frames that Python and C called by turns', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
    });

    test('Frame.isEntry marks the frames that C called, which before 3.11 are all', async () => {
      const { frames } = mainThread(await scene().snapshot());
      const entries = frames.filter(({ isEntry }) => isEntry).map(({ name }) => name);
      const calledFromC = [scene().truth.facts['calledFromC']].flat();
      // 3.11 still leaves a call with **keywords to C, as announce() is called.
      const expected = interpreter.family === '3.11' ? ['announce', ...calledFromC] : calledFromC;
      expect(entries).toEqual(isSince(interpreter, '3.11') ? expected : frames.map(({ name }) => name));
    });
  });

  describeScene({ interpreter, program: 'positions.py' }, (scene) => {
    test('Frame.position is the expression that runs, over several lines and behind wide characters', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
    });

    test('Frame.position has columns from 3.11 on', async () => {
      const frames = (await scene().snapshot()).threads.flatMap((thread) => thread.frames);
      for (const { position } of frames) {
        expect(position).toBeDefined();
        expect(position?.column !== undefined).toBe(isSince(interpreter, '3.11'));
        expect(position?.endColumn !== undefined).toBe(isSince(interpreter, '3.11'));
        expect(position?.endLine !== undefined).toBe(isSince(interpreter, '3.11'));
      }
    });

    test('Frame.sourceLine is the line of the file where the frame stands', async () => {
      const frames = (await scene().snapshot()).threads.flatMap((thread) => thread.frames);
      const lines = new Map(frames.map(({ name, sourceLine }) => [name, sourceLine]));
      expect(lines.get('after_wide_characters')).toBe('    return "é名🐍", in_with(), "after"');
      expect(lines.get('<module>')).toBe('after_wide_characters()');
    });
  });

  describe('recursion.py', () => {
    test('snapshot() tells all of 10,000 calls, each on its line', async () => {
      await using scene = await Scene.open(interpreter, 'recursion.py', { args: [String(DEPTH)] });
      const snapshot = await scene.snapshot();
      const trueDeep = scene.truth.threads.find(({ name }) => name === 'deep');
      const { frames, problems } = threadNamed(snapshot, 'deep');
      expect(problems).toEqual([]);
      expect(frames.length).toBe(trueDeep?.frames.length);
      expect(frames.filter(({ name }) => name === 'descend').length).toBe(DEPTH + 1);
      // One comparison of two texts: a difference of 10,000 objects takes minutes to be told.
      expect(JSON.stringify(frames.map(seenFrame))).toBe(JSON.stringify(trueDeep?.frames.map(trueFrame)));
    });
  });

  describeScene({ interpreter, program: 'thread-names.py' }, (scene) => {
    test('ThreadStack.pythonName is the whole name, however long and in whichever script', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
    });

    test('ThreadStack.pythonName is absent for a thread that threading does not know', async () => {
      const { threads } = await scene().snapshot();
      const unknown = threads.filter(({ frames }) => frames.some(({ name }) => name === 'unknown_work'));
      expect(unknown.map(({ pythonName }) => pythonName)).toEqual([undefined]);
    });

    test('snapshot() of one thread takes any name that threading has', async () => {
      for (const { name } of scene().truth.threads) {
        if (name === undefined) continue;
        const { threads } = await scene().snapshot({ thread: name });
        expect(threads.map(({ pythonName }) => pythonName)).toEqual([name]);
      }
    });
  });
});

describeInterpreters('3.6', (interpreter) => {
  describeScene({ interpreter, program: 'names.py' }, (scene) => {
    test('Frame.filename and the names are whole in every script, with undecodable bytes too', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
    });

    test('Frame.sourceLine is found under a path with undecodable bytes', async () => {
      const { frames } = mainThread(await scene().snapshot());
      const inMade = frames.filter(({ name }) => name === 'naïve');
      expect(inMade.map(({ sourceLine }) => sourceLine)).toEqual(
        inMade.map(() => '    été = 1; \u{20000}(продолжение)'),
      );
      expect(inMade.length).toBeGreaterThan(0);
      expect(inMade.some(({ filename }) => filename.endsWith('undecodable-\udcff.py'))).toBe(true);
    });
  });

  describeScene({ interpreter, program: 'generators.py' }, (scene) => {
    test('snapshot() tells generators and coroutines that run, and not those that wait', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
      const names = mainThread(snapshot).frames.map(({ name }) => name);
      expect(names).toEqual(namesOf(scene().truth.threads[0]?.frames));
      expect(names).not.toContain('suspended');
    });
  });
});

function mainThread({ threads }: Snapshot): Snapshot['threads'][number] {
  const main = threads.find(({ isMainThread }) => isMainThread);
  if (main === undefined) throw new RangeError('the process has no main thread');
  return main;
}

function namesOf(frames: readonly TrueFrame[] | undefined): readonly string[] | undefined {
  return frames?.map(({ name }) => name);
}
