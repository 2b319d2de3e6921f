import { describe, expect, test } from 'vitest';
import { attach, type Problem, type SnapshotOptions } from '../../src/api/index.ts';
import { describeInterpreters, describeScene, Scene, threadNamed } from '../support/matrix.ts';
import { seenThread, seenThreads, trueThreads } from '../support/seen-threads.ts';
import { startTarget } from '../support/target.ts';

const MANY = 60;

const LOOKS: readonly (readonly [title: string, options: SnapshotOptions])[] = [
  ['a paused process', {}],
  ['a running process', { pause: false }],
];

describeInterpreters('2.7', (interpreter) => {
  const outermost = interpreter.family === '2.7' ? '__bootstrap' : '_bootstrap';

  // In 3.11 and 3.12 a thread that begins to run a frame has, for an instant, a _PyCFrame that is not filled in yet.
  const hasCFrame = ['3.11', '3.12'].includes(interpreter.family);
  const isUnexpected = ({ kind }: Problem) => !(hasCFrame && kind === 'cut-off');

  describeScene({ interpreter, program: 'moving-recursion.py' }, (scene) => {
    test.each(LOOKS)('snapshot() of %s shows a stack that moves in one piece, or says not', (_, options) => {
      for (let look = 0; look < MANY; look += 1) {
        const { frames, problems } = threadNamed(scene().inspection.snapshot(options), 'mover');
        const names = frames.map(({ name }) => name);
        if (options.pause !== false) expect(problems).toEqual([]);
        if (problems.length > 0) continue;
        const depth = names.lastIndexOf('descend') + 1;
        expect(names.slice(0, depth)).toEqual(Array.from({ length: depth }, () => 'descend'));
        expect(depth).toBeLessThanOrEqual(20);
        expect(names[depth]).toBe('move');
        expect(names.at(-1)).toBe(outermost);
      }
    });
  });

  describeScene({ interpreter, program: 'thread-churn.py' }, (scene) => {
    test('snapshot() of a paused process reads threads that come and go without a problem', () => {
      const told = trueThreads(scene().truth).find(({ isMain }) => isMain);
      for (let look = 0; look < MANY; look += 1) {
        const { threads, problems } = scene().inspection.snapshot();
        expect(problems).toEqual([]);
        expect(threads.flatMap((thread) => thread.problems).filter(isUnexpected)).toEqual([]);
        expect(threads.filter(({ isMainThread }) => isMainThread).map(seenThread)).toEqual([told]);
        const running = threads.filter(({ frames }) => frames.length > 0);
        const names = running.map(({ pythonName }) => pythonName);
        expect(names.filter((name) => name === 'churner').length).toBe(1);
        const ids = running.map(({ osThreadId }) => osThreadId);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { frames, isMainThread } of running.filter(({ problems: own }) => own.length === 0))
          expect(frames.at(-1)?.name).toBe(isMainThread ? '<module>' : outermost);
      }
    });

    test('snapshot() of a running process keeps the threads that stay, or says that it lost them', () => {
      const told = trueThreads(scene().truth).find(({ isMain }) => isMain);
      for (let look = 0; look < MANY; look += 1) {
        const { threads, problems } = scene().inspection.snapshot({ pause: false });
        if (problems.some(({ kind }) => kind === 'unreadable-thread')) continue;
        expect(threads.filter(({ isMainThread }) => isMainThread).map(seenThread)).toEqual([told]);
        const churning = threads.filter(({ frames }) => frames.some(({ name }) => name === 'churn'));
        const torn = threads.filter((thread) => thread.problems.length > 0);
        expect(churning.length === 1 || torn.length > 0).toBe(true);
      }
    });
  });

  describeScene({ interpreter, program: 'forked.py' }, (scene) => {
    test('snapshot() of a fork tells the one thread that it has, under its own id', async () => {
      const snapshot = await scene().snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
      expect(snapshot.problems).toEqual([]);
      expect(snapshot.process.pid).toBe(scene().truth.pid);
      expect(snapshot.process.pid).not.toBe(scene().target.pid);
    });
  });

  describe('single-thread.py', () => {
    test('snapshot() of a process that has ended meanwhile says so', async () => {
      const target = await startTarget(interpreter, 'single-thread.py');
      using inspection = await attach(target.pid);
      await target.stop();
      const error = `Cannot inspect process ${target.pid}: it ended meanwhile`;
      expect(() => inspection.snapshot()).toThrow(error);
      expect(() => inspection.snapshot({ pause: false })).toThrow(error);
    });

    test('ThreadStack.cpuTimeNs grows with the work of a thread, and a sleeper has next to none', async () => {
      await using scene = await Scene.open(interpreter, 'gil-contention.py');
      const workOf = () => {
        const snapshot = scene.inspection.snapshot();
        const times = snapshot.threads.map(({ pythonName, cpuTimeNs }) => [pythonName, cpuTimeNs] as const);
        return new Map(times);
      };
      const first = workOf();
      const later = Array.from({ length: 20 }, workOf).at(-1);
      expect([...first.values()]).not.toContain(undefined);
      for (const [name, cpuTimeNs = 0n] of first) {
        const grown = (later?.get(name) ?? 0n) - cpuTimeNs;
        if (name?.startsWith('spinner-')) expect(grown).toBeGreaterThan(0n);
        else expect(grown).toBeLessThan(20_000_000n);
      }
    });
  });
});
