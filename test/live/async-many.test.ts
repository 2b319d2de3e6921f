import { expect, test } from 'vitest';
import { asyncTreeLines } from '../../src/report/async-tree.ts';
import { PLAIN } from '../../src/report/style.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';

const COUNT = 10_000;
const LOOKS = 3;
/** One of each way to find tasks and to keep frames. */
const FAMILIES = ['3.11', '3.14'];

const interpreters = FAMILIES.flatMap(
  (family) => findInterpreters().find((each) => each.family === family && !each.isDebugBuild) ?? [],
);

for (const interpreter of interpreters)
  test(`snapshot() of ${COUNT} tasks of CPython ${interpreter.name} has them all, and folds those that stand alike`, async () => {
    await using scene = await Scene.open(interpreter, 'async-tasks.py', { args: ['c', String(COUNT)] });
    for (let look = 0; look < LOOKS; look += 1) {
      const snapshot = scene.inspection.snapshot({ async: 'unfinished' });
      const lines = [...asyncTreeLines(snapshot, { style: PLAIN, fold: true })];
      expect(snapshot.problems).toEqual([]);
      expect(snapshot.asyncLoops?.[0]?.tasks.length).toBe(COUNT + 2);
      expect(lines.filter((line) => line.includes(`${COUNT} × worker (`)).length).toBe(1);
    }
  });
