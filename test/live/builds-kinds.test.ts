import { describe, expect, test } from 'vitest';
import { attach, formatPythonVersion, listPythonProcesses, type Snapshot } from '../../src/api/index.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { untilSettled } from '../support/settled.ts';
import { startTarget } from '../support/target.ts';

const interpreters = findInterpreters();
const special = interpreters.filter(({ isDebugBuild, isFreeThreaded }) => isDebugBuild || isFreeThreaded);

function named(chosen: readonly Interpreter[]): readonly (readonly [string, Interpreter])[] {
  return chosen.map((interpreter) => [interpreter.name, interpreter]);
}

test.each(named(interpreters))('attach() tells how %s was built', async (_, interpreter) => {
  await using target = await startTarget(interpreter, 'single-thread.py');
  using inspection = await attach(target.pid);
  const { python } = inspection.facts;
  const { isDebugBuild, isFreeThreaded } = python;
  expect({ isDebugBuild, isFreeThreaded, version: formatPythonVersion(python) }).toEqual({
    isDebugBuild: interpreter.isDebugBuild,
    isFreeThreaded: interpreter.isFreeThreaded,
    version: formatPythonVersion({ ...python, ...buildOf(interpreter) }),
  });
  expect((await listPythonProcesses()).find(({ pid }) => pid === target.pid)?.version).toEqual(python);
});

function buildOf({ isDebugBuild, isFreeThreaded }: Interpreter) {
  return { isDebugBuild, isFreeThreaded };
}

describe.each(named(special))('%s', (_, interpreter) => {
  test.each(['threads.py', 'locals.py', 'generators.py', 'recursion.py'])(
    'snapshot() shows the frames, lines and columns of %s',
    async (program) => {
      await using target = await startTarget(interpreter, program);
      await untilSettled(target.groundTruth);
      using inspection = await attach(target.pid);
      const snapshot = inspection.snapshot({ locals: true });
      expect(seenThreads(snapshot)).toEqual(trueThreads(target.groundTruth));
      expect(snapshot.problems).toEqual([]);
    },
  );

  test('snapshot() shows lines of functions that every thread runs in a copy of its own', async () => {
    await using target = await startTarget(interpreter, 'gil-contention.py');
    await untilSettled(target.groundTruth);
    using inspection = await attach(target.pid);
    const snapshot = inspection.snapshot();
    const spinners = snapshot.threads.filter(({ pythonName }) => pythonName?.startsWith('spinner') === true);
    const innermost = spinners.map(({ frames }) => frames[0]);
    expect(innermost.map((frame) => frame?.name)).toEqual(spinners.map(() => 'spin'));
    for (const frame of innermost) expect(frame?.sourceLine?.trim()).toMatch(/^while True: pass/u);
    if (interpreter.isFreeThreaded) expect(gilOf(snapshot)).toEqual(['none']);
    else expect(gilOf(snapshot)).toContain('waits');
  });
});

/** Every state of the GIL that a thread of the snapshot has. */
function gilOf({ threads }: Snapshot): readonly unknown[] {
  return [...new Set(threads.map(({ gil }) => gil))].sort();
}
