import { expect, test } from 'vitest';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';

const THREADS = 500;
const DEPTH = 20;

describeInterpreters('2.7', (interpreter) => {
  describeScene(
    { interpreter, program: 'many-threads.py', args: [String(THREADS), String(DEPTH)] },
    (scene) => {
      test('snapshot() tells all of 500 threads, each 20 calls deep', async () => {
        const snapshot = await scene().snapshot();
        const workers = snapshot.threads.filter(({ pythonName }) => pythonName?.startsWith('thread-'));
        expect(new Set(workers.map(({ osThreadId }) => osThreadId)).size).toBe(THREADS);
        expect(workers.every(({ frames }) => frames.length > DEPTH)).toBe(true);
        expect(snapshot.problems).toEqual([]);
        expect(workers.flatMap(({ problems }) => problems)).toEqual([]);
        // One comparison of two texts: a difference of 10,000 objects takes minutes to be told.
        expect(JSON.stringify(seenThreads(snapshot))).toBe(JSON.stringify(trueThreads(scene().truth)));
      });
    },
  );
});
