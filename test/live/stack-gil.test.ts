import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';
import { describeInterpreters, describeScene, threadNamed } from '../support/matrix.ts';
import { seenThread, trueThreads } from '../support/seen-threads.ts';

const MANY = 40;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'gil-contention.py' }, (scene) => {
    test('ThreadStack.gil names one holder, and the other threads that compute wait or drop it', () => {
      const snapshots = Array.from({ length: MANY }, () => scene().inspection.snapshot());
      for (const snapshot of snapshots) {
        expect(snapshot.threads.filter(({ gil }) => gil === 'holds').length).toBeLessThanOrEqual(1);
        expect(threadNamed(snapshot, 'sleeper').gil).toBe('none');
        expect(threadNamed(snapshot, 'MainThread').gil).toBe('none');
        for (const thread of spinners(snapshot)) expect(thread.gil).toBeOneOf(allowedFor(thread));
      }
      const seen = new Set(snapshots.flatMap(spinners).map(({ gil }) => gil));
      if (interpreter.isFreeThreaded) expect([...seen]).toEqual(['none']);
      else expect([...seen]).toEqual(expect.arrayContaining(['holds', 'waits']));
    });

    test('snapshot() tells the frames of threads that compute, but for the columns in their loop', () => {
      const { threads } = scene().inspection.snapshot();
      const told = trueThreads(scene().truth);
      for (const thread of threads) {
        const truth = told.find(({ ident }) => ident === thread.pthreadId);
        const [seenInnermost, ...seenOuter] = seenThread(thread).frames;
        const [trueInnermost, ...trueOuter] = truth?.frames ?? [];
        expect(seenOuter).toEqual(trueOuter);
        expect(seenInnermost).toMatchObject({ name: trueInnermost?.name, line: trueInnermost?.line });
      }
    });
  });

  describeScene({ interpreter, program: 'lock-holder.py' }, (scene) => {
    test('ThreadStack.gil of threads that wait for another lock is none, though they sleep in futex', async () => {
      const { threads } = await scene().snapshot();
      const waiters = threads.filter(({ pythonName }) => pythonName?.includes('-waiter-'));
      expect(waiters.length).toBe(interpreter.family === '2.7' ? 2 : 4);
      for (const { gil, activity } of waiters) {
        expect(gil).toBe('none');
        expect(activity).toMatchObject({ state: 'blocked', syscallName: 'futex' });
      }
    });
  });
});

function spinners({ threads }: Snapshot): readonly ThreadStack[] {
  return threads.filter(({ pythonName }) => pythonName?.startsWith('spinner-'));
}

/** One that was woken and has not run yet has nothing to do with the lock, as far as the kernel knows. */
function allowedFor({ activity }: ThreadStack): ThreadStack['gil'][] {
  return activity.state === 'running' ? ['holds', 'none'] : ['holds', 'waits', 'drops'];
}
