import { describe, expect, test } from 'vitest';
import { openCore } from '../../src/api/index.ts';
import type { AsyncTask } from '../../src/model/async-task.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { asyncTruthOf, seenTasks, trueTasks } from '../support/async-truth.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { describeInterpreters, describeScene, isSince, type Scene, threadNamed } from '../support/matrix.ts';

const hasGcore = hasTool('gcore');
/** Families of which a core is tried, and tasks of Python code: one of each way to find tasks and to keep frames. */
const WITH_CORE = ['3.8', '3.10', '3.11', '3.13'];
const WITH_PYTHON = ['3.6', '3.9', '3.10', '3.12', '3.14'];

describeInterpreters('3.6', (interpreter) => {
  const hasPython = WITH_PYTHON.includes(interpreter.family) && !interpreter.isDebugBuild;
  for (const implementation of hasPython ? ['c', 'python'] : ['c']) {
    // From 3.14 on a task of the C module leaves the interpreter's list when it ends.
    const forgetsEnded = isSince(interpreter, '3.14') && implementation === 'c';
    describe(`tasks of the ${implementation} implementation`, () => {
      describeScene({ interpreter, program: 'async-tasks.py', args: [implementation] }, (scene) => {
        test('snapshot() with async tells every task as the target itself does', async () => {
          for (const pause of [true, false]) {
            const snapshot = await scene().snapshot({ async: 'all', pause });
            expectTruth(scene(), snapshot, forgetsEnded);
          }
        });

        test('snapshot() with async has those that asyncio.all_tasks() has', async () => {
          const snapshot = await scene().snapshot({ async: 'unfinished' });
          const addresses = tasksOf(snapshot).map(({ address }) => address);
          expect(addresses.toSorted((a, b) => a - b)).toEqual(asyncTruthOf(scene().truth).live);
        });

        test('AsyncTask.frames of a task that runs are those of its thread', async () => {
          const snapshot = await scene().snapshot({ async: 'unfinished' });
          const running = tasksOf(snapshot).filter(({ state }) => state === 'running');
          const isEager = isSince(interpreter, '3.12') && implementation === 'c';
          expect(running.map(({ name }) => name ?? 'main')).toEqual(
            isEager ? ['eager runner', 'main'] : ['main'],
          );
          const { frames } = threadNamed(snapshot, 'MainThread');
          const inner = running.flatMap((task) => task.frames.map(({ address }) => address));
          expect(inner).toEqual(frames.slice(0, inner.length).map(({ address }) => address));
          expect(running.at(-1)?.frames.at(-1)?.name).toBe('main');
        });

        test('AsyncLoop names the thread that runs it', async () => {
          const { asyncLoops = [] } = await scene().snapshot({ async: 'unfinished' });
          const byAddress = new Map(asyncLoops.map((loop) => [Number(loop.address), loop]));
          const [own, other, stopped] = asyncTruthOf(scene().truth).loops.map((loop) => byAddress.get(loop));
          expect([own?.threadName, other?.threadName]).toEqual(['MainThread', 'other']);
          expect([own?.isRunning, other?.isRunning, stopped?.isRunning]).toEqual([true, true, false]);
          expect(stopped?.isClosed).toBe(false);
          expect(own?.osThreadId).toBe(scene().truth.pid);
        });

        if (!WITH_CORE.includes(interpreter.family) || implementation !== 'c') return;
        test.skipIf(!hasGcore)('snapshot() with async of a core tells the same', async () => {
          using directory = new CoreDirectory();
          using core = await openCore(gcore(directory, scene().truth.pid));
          expectTruth(scene(), core.snapshot({ async: 'all' }), forgetsEnded);
        });
      });
    });
  }
});

function expectTruth({ truth: all }: Scene, snapshot: Snapshot, forgetsEnded: boolean): void {
  const { tasks, live } = asyncTruthOf(all);
  const kept = tasks.filter(({ address }) => !forgetsEnded || live.includes(address));
  const [seen, truth] = [seenTasks(snapshot), trueTasks({ tasks: kept })];
  for (const [at, task] of truth.entries()) expect(seen[at]).toEqual(task);
  expect(seen.length).toBe(truth.length);
  expect(snapshot.problems.map(({ message }) => message)).toEqual([]);
}

function tasksOf({ asyncLoops = [] }: Snapshot): readonly AsyncTask[] {
  return asyncLoops.flatMap(({ tasks }) => tasks);
}
