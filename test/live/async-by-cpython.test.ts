import { expect, test } from 'vitest';
import type { AsyncTask } from '../../src/model/async-task.ts';
import { edgesOfTree, printedTree, tasksByPs, tasksByTools } from '../support/asyncio-tools.ts';
import { describeInterpreters, isSince, Scene } from '../support/matrix.ts';

describeInterpreters('3.14', (interpreter) => {
  test.skipIf(interpreter.isDebugBuild)(
    'snapshot() with async tells what `python -m asyncio ps` does',
    async (context) => {
      await using scene = await Scene.open(interpreter, 'async-tasks.py', { args: ['c'] });
      const byTools = tasksByTools(interpreter, scene.truth.pid);
      if (typeof byTools === 'string') return context.skip(`the tools of CPython fail here: ${byTools}`);
      const { asyncLoops = [] } = await scene.snapshot({ async: 'unfinished' });
      const tasks = asyncLoops.flatMap((loop) => loop.tasks);
      const own = new Map(tasks.map((task) => [Number(task.address), task]));
      // To 3.14 they pass over some tasks of other threads; the target itself has told that ours are right.
      if (isSince(interpreter, '3.15')) expect(byTools.length).toBe(tasks.length);
      expect(byTools.length).toBeGreaterThan(50);
      const listed = tasksByPs(interpreter, scene.truth.pid);
      expect(listed).toEqual(new Set(byTools.map(({ address }) => address)));
      for (const { address, awaitedBy, frames } of byTools) {
        const task = own.get(address);
        expect(task?.awaitedBy.toSorted((a, b) => a - b)).toEqual(awaitedBy.map(Number));
        // They stop where a chain goes on through another kind of awaitable, and at one that runs.
        expect(framesOf(task).slice(-frames.length)).toEqual(
          frames.map(([name, line]) => [name, Number(line)]),
        );
      }
    },
  );

  test.skipIf(interpreter.isDebugBuild)(
    'snapshot() with async has the tree that `python -m asyncio pstree` prints',
    async (context) => {
      await using scene = await Scene.open(interpreter, 'async-tasks.py', { args: ['c', 'trees'] });
      const text = printedTree(interpreter, scene.truth.pid);
      if (text === '') return context.skip('the tools of CPython fail here');
      const { asyncLoops = [] } = await scene.snapshot({ async: 'unfinished' });
      const tasks = asyncLoops.flatMap((loop) => loop.tasks);
      const named = new Map(tasks.map((task) => [task.address, task]));
      const edges = tasks.flatMap(({ name, awaitedBy }) =>
        awaitedBy.length === 0 ? [`${name}`] : awaitedBy.map((by) => `${named.get(by)?.name} > ${name}`),
      );
      expect(edges.length).toBeGreaterThan(20);
      expect(edgesOfTree(text)).toEqual(new Set(edges));
    },
  );
});

/** Frames in the words of the tools. */
function framesOf(task: AsyncTask | undefined): readonly unknown[] {
  return (task?.frames ?? []).map(({ name, qualifiedName, position }) => [
    qualifiedName ?? name,
    position?.line,
  ]);
}
