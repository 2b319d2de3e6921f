import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attach, InspectorError, InterpreterNotFoundError } from '../../src/api/index.ts';
import {
  buildDlopenHost,
  buildPlugin,
  hasCompiler,
  libpythonOf,
  prefixOf,
} from '../support/altered-pythons.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { untilMainThreadReads } from '../support/sandboxes.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { programsSeenBy, startCommand, type Target } from '../support/target.ts';

const shared = findInterpreters().filter(
  ({ kind, family }) => kind === 'shared' && ['3.8', '3.10', '3.11', '3.12', '3.13'].includes(family),
);
const canCompile = hasCompiler();
/** As a user is ready to wait; in memory full of pointers 2 GiB were measured at six seconds. */
const LONGEST_MS = 30_000;

async function startHost(interpreter: Interpreter, steps: readonly string[]): Promise<Target> {
  const target = await startCommand(interpreter, [buildDlopenHost(), ...steps], {
    env: { PYFLIGHT_EMBEDDED: programOf(interpreter) },
  });
  await untilMainThreadReads(target.pid);
  return target;
}

function programOf(interpreter: Interpreter): string {
  return join(programsSeenBy(interpreter), 'single-thread.py');
}

async function failureOf(pid: number, exhaustive: boolean): Promise<InspectorError | undefined> {
  try {
    using inspection = await attach(pid, { exhaustive });
    inspection.snapshot();
    return undefined;
  } catch (error) {
    if (error instanceof InspectorError) return error;
    throw error;
  }
}

async function expectFoundOnlyBySearch(target: Target, foundBy: string): Promise<void> {
  expect((await failureOf(target.pid, false))?.code).toBe('not-python');
  using inspection = await attach(target.pid, { exhaustive: true });
  const snapshot = inspection.snapshot();
  expect(snapshot.foundBy).toBe(foundBy);
  expect(seenThreads(snapshot)).toEqual(trueThreads(target.groundTruth));
  expect(snapshot.problems).toEqual([]);
}

describe.skipIf(!canCompile).each(shared.map((each) => [each.name, each] as const))(
  '%s',
  (_, interpreter) => {
    test('attach() finds one in a plug-in of another name whose symbols are gone, when all is searched', async () => {
      const plugin = buildPlugin(interpreter);
      if (plugin === undefined) throw new Error(`${interpreter.name} has no static libpython`);
      await using target = await startHost(interpreter, [
        ...['load', plugin, 'home', prefixOf(interpreter), 'call', 'main'],
      ]);
      await expectFoundOnlyBySearch(target, `scan of the data of ${plugin}`);
    });

    test('attach() finds one that lies in anonymous memory, when all is searched', async () => {
      await using target = await startHost(interpreter, [
        ...['load', libpythonOf(interpreter), 'home', prefixOf(interpreter)],
        ...['init', 'hide', 'libpython', 'run', programOf(interpreter)],
      ]);
      await expectFoundOnlyBySearch(target, 'scan of memory without a file');
    });
  },
);

const [any] = shared;

describe.skipIf(!canCompile || any === undefined)('A process without Python', () => {
  test('attach() has searched 2 GiB of anonymous memory within seconds', async () => {
    if (any === undefined) throw new RangeError('there is no interpreter');
    await using target = await startHost(any, ['reserve', '2', 'wait']);
    const startedAt = Date.now();
    expect((await failureOf(target.pid, true))?.code).toBe('not-python');
    expect(Date.now() - startedAt).toBeLessThan(LONGEST_MS);
  });

  test('attach() says which memory it did not search because there is too much', async () => {
    if (any === undefined) throw new RangeError('there is no interpreter');
    await using target = await startHost(any, ['reserve', '5', 'wait']);
    const failure = await failureOf(target.pid, true);
    expect(failure instanceof InterpreterNotFoundError ? failure.attempts : failure).toEqual([
      'scan of memory without a file: a range of 5.0 GiB was not searched, which is too much',
    ]);
  });
});
