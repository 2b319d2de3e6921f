import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { attach, formatObject, openCore, snapshotToJson } from '../../src/api/index.ts';
import type { Variable } from '../../src/model/object-view.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { Greenlets, type WithGreenlet } from '../support/greenlet.ts';
import { seenGreenlets, trueGreenlets } from '../support/greenlet-truth.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { violations } from '../support/schemas.ts';

const PROGRAM = fileURLToPath(new URL('../programs/suspended-greenlets.py', import.meta.url));

const greenlets = new Greenlets();
afterAll(() => greenlets[Symbol.dispose]());

/** Not as other targets, which are started without the packages of a distribution. */
async function start(
  { interpreter, directory }: WithGreenlet,
  ...args: readonly string[]
): Promise<PlatformTarget> {
  const path = directory === undefined ? [] : [`PYTHONPATH=${directory}`];
  return await PlatformTarget.start('env', [...path, interpreter.path, '-u', PROGRAM, ...args]);
}

if (greenlets.found.length === 0) test.skip('greenlets (no interpreter imports greenlet)', () => undefined);

for (const found of greenlets.found) {
  describe(`snapshot() with async on CPython ${found.interpreter.name}`, () => {
    test.each([
      ['the main one runs', ['main']],
      ['another one runs', ['inner']],
      ['a thread with greenlets has ended', ['inner', 'ending']],
    ])('tells every suspended greenlet as it tells itself when %s', async (_, args) => {
      await using target = await start(found, ...args);
      const truth: GroundTruth = JSON.parse(await target.nextLine());
      using inspection = await attach(target.pid);
      for (const pause of [true, false])
        expectTruth(truth, inspection.snapshot({ async: 'unfinished', pause }));
    });

    test('tells those of one thread alone, with their variables', async () => {
      await using target = await start(found, 'main');
      await target.nextLine();
      using inspection = await attach(target.pid);
      const snapshot = inspection.snapshot({ async: 'unfinished', thread: 'other', locals: true });
      expect(snapshot.greenlets?.map(({ threadName }) => threadName)).toEqual(['other']);
      const [main, ...others] = snapshot.greenlets?.[0]?.greenlets ?? [];
      expect([main?.isMain, main?.frames.at(0)?.name]).toEqual([true, 'in_other_thread']);
      expect(others.every(({ isMain }) => !isMain)).toBe(true);
      const recursive = others.find(({ frames }) => frames.length > 40);
      const depths = recursive?.frames.map(({ variables = [] }) => textOf(variables[0]));
      expect(depths).toEqual(Array.from({ length: 41 }, (_, at) => String(at)));
      expect(violations('snapshot', snapshotToJson(snapshot))).toEqual([]);
    });

    test.skipIf(!hasTool('gcore'))('tells the same of a core', async () => {
      await using target = await start(found, 'inner', 'ending');
      const truth: GroundTruth = JSON.parse(await target.nextLine());
      using directory = new CoreDirectory();
      using core = await openCore(gcore(directory, target.pid));
      expectTruth(truth, core.snapshot({ async: 'unfinished' }));
    });
  });
}

function textOf(variable: Variable | undefined): string | undefined {
  return variable?.value === undefined ? undefined : formatObject(variable.value, 100);
}

function expectTruth(truth: GroundTruth, snapshot: Snapshot): void {
  const [seen, expected] = [seenGreenlets(snapshot), trueGreenlets(truth)];
  for (const [at, greenlet] of expected.entries()) expect(seen[at]).toEqual(greenlet);
  expect(seen.length).toBe(expected.length);
  expect(snapshot.problems.map(({ message }) => message)).toEqual([]);
}
