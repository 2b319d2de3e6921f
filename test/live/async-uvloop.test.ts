import { describe, expect, test } from 'vitest';
import { attach, openCore } from '../../src/api/index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { asyncTruthOf, seenTasks, trueTasks } from '../support/async-truth.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import { interpretersWith, startWithPackages } from '../support/with-package.ts';

const found = interpretersWith('uvloop');
if (found.length === 0) test.skip('uvloop (no interpreter imports uvloop)', () => undefined);

for (const interpreter of found)
  describe(`snapshot() with async of loops of uvloop on CPython ${interpreter.name}`, () => {
    test('tells every task as the target itself does, live and from a core', async () => {
      await using target = await startWithPackages(interpreter, 'async-tasks.py', 'uvloop');
      const truth: GroundTruth = JSON.parse(await target.nextLine());
      using inspection = await attach(target.pid);
      for (const pause of [true, false])
        expectTruth(truth, (choice) => inspection.snapshot({ async: choice, pause }));
      if (!hasTool('gcore')) return;
      using directory = new CoreDirectory();
      using core = await openCore(gcore(directory, target.pid));
      expectTruth(truth, (choice) => core.snapshot({ async: choice }));
    });
  });

function expectTruth(truth: GroundTruth, snapshot: (choice: 'all' | 'unfinished') => Snapshot): void {
  const { tasks, live, loops } = asyncTruthOf(truth);
  const all = snapshot('all');
  const [seen, expected] = [seenTasks(all), trueTasks({ tasks })];
  for (const [at, task] of expected.entries()) expect(seen[at]).toEqual(task);
  expect(seen.length).toBe(expected.length);
  expect(all.problems).toEqual([]);
  const { asyncLoops = [] } = snapshot('unfinished');
  const unfinished = asyncLoops.flatMap((loop) => loop.tasks);
  expect(unfinished.map(({ address }) => Number(address)).toSorted((a, b) => a - b)).toEqual(live);
  // Two run in threads of their own; one has stopped.
  const threads = loops.map((address) => asyncLoops.find((loop) => Number(loop.address) === address));
  expect(threads.map((loop) => loop?.threadName)).toEqual(['MainThread', 'other', undefined]);
  expect(new Set(threads.map((loop) => loop?.typeName))).toEqual(new Set(['uvloop.Loop']));
  // asyncio.current_task() of the main thread is what runs `main`.
  const running = unfinished.filter(({ state }) => state === 'running');
  expect(running.map(({ name }) => name)).toEqual(['main']);
}
