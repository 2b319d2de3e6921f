import { describe, expect, test } from 'vitest';
import { attach, openCore } from '../../src/api/index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { seenGreenlets, trueGreenlets } from '../support/greenlet-truth.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import { interpretersWith, startWithPackages } from '../support/with-package.ts';

const found = interpretersWith('gevent');
if (found.length === 0) test.skip('gevent (no interpreter imports gevent)', () => undefined);

for (const interpreter of found)
  describe(`snapshot() with async of gevent on CPython ${interpreter.name}`, () => {
    test('tells every greenlet that waits as gevent does, live and from a core', async () => {
      await using target = await startWithPackages(interpreter, 'gevent-greenlets.py');
      const truth: GroundTruth = JSON.parse(await target.nextLine());
      using inspection = await attach(target.pid);
      for (const pause of [true, false]) expectTruth(truth, inspection.snapshot({ async: 'all', pause }));
      if (!hasTool('gcore')) return;
      using directory = new CoreDirectory();
      using core = await openCore(gcore(directory, target.pid));
      expectTruth(truth, core.snapshot({ async: 'all' }));
    });
  });

function expectTruth(truth: GroundTruth, snapshot: Snapshot): void {
  const [seen, expected] = [seenGreenlets(snapshot), trueGreenlets(truth)];
  for (const [at, greenlet] of expected.entries()) expect(seen[at]).toEqual(greenlet);
  expect(seen.length).toBe(expected.length);
  // A hub and ten that wait in each thread, and the main one of the other thread.
  expect(seen.length).toBe(21);
  expect(snapshot.problems.map(({ message }) => message)).toEqual([]);
}
