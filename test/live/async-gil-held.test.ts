import { expect, test } from 'vitest';
import { describeInterpreters, Scene } from '../support/matrix.ts';

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)(
    'locks() and snapshot() with async answer of a process whose main thread hangs in C and keeps the GIL',
    async () => {
      await using scene = await Scene.open(interpreter, 'gil-deadlock.py', { args: ['tasks'] });
      scene.target.say('go on');
      // The target cannot say that it is there: nobody can run Python any more.
      await expect.poll(() => scene.inspection.locks().deadlocks.length, { timeout: 20_000 }).toBe(1);
      for (const pause of [true, false]) {
        const { asyncLoops = [], problems } = scene.inspection.snapshot({ async: 'unfinished', pause });
        const tasks = asyncLoops.flatMap((loop) => loop.tasks);
        const told = tasks.map(({ state, frames }) => `${state} ${frames.map(({ name }) => name).join(' ')}`);
        expect(told.toSorted()).toEqual([
          'running main runs',
          ...Array.from({ length: 3 }, () => 'waiting waits'),
        ]);
        expect(asyncLoops.map(({ threadName }) => threadName)).toEqual(['MainThread']);
        expect(problems).toEqual([]);
      }
    },
  );
});
