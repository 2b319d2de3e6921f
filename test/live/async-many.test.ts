import { expect, test } from 'vitest';
import { asyncTreeLines } from '../../src/report/async-tree.ts';
import { PLAIN } from '../../src/report/style.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';

const COUNT = 10_000;
const LOOKS = 3;
/** Of processor time. */
const LONGEST_MS = 1000;
const LONGEST_PAUSE_NS = 50_000_000n;
/** One of each way to find tasks and to keep frames. */
const FAMILIES = ['3.11', '3.14'];

const interpreters = FAMILIES.flatMap(
  (family) => findInterpreters().find((each) => each.family === family && !each.isDebugBuild) ?? [],
);

for (const interpreter of interpreters)
  test(`snapshot() of ${COUNT} tasks of CPython ${interpreter.name} takes less than a second`, async () => {
    await using scene = await Scene.open(interpreter, 'async-tasks.py', { args: ['c', String(COUNT)] });
    const times: number[] = [];
    const pauses: bigint[] = [];
    for (let look = 0; look < LOOKS; look += 1) {
      const before = process.cpuUsage();
      const snapshot = scene.inspection.snapshot({ async: 'unfinished' });
      const lines = [...asyncTreeLines(snapshot, { style: PLAIN, fold: true })];
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
      pauses.push(snapshot.pauseNs ?? 0n);
      expect(snapshot.problems).toEqual([]);
      expect(snapshot.asyncLoops?.[0]?.tasks.length).toBe(COUNT + 2);
      expect(lines.filter((line) => line.includes(`${COUNT} × worker (`)).length).toBe(1);
    }
    // The best of them, as others may use the machine.
    expect(Math.min(...times), `milliseconds: ${times.join(' ')}`).toBeLessThan(LONGEST_MS);
    const [shortest = 0n] = pauses.toSorted((a, b) => Number(a - b));
    expect(shortest, `nanoseconds: ${pauses.join(' ')}`).toBeLessThan(LONGEST_PAUSE_NS);
  });
