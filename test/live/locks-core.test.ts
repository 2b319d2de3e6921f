import { describe, expect, test } from 'vitest';
import { openCore } from '../../src/api/index.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { seenDeadlocks, seenWait, trueDeadlocks, trueWait, waitsOf } from '../support/lock-truth.ts';
import { untilSettled } from '../support/settled.ts';
import { startTarget } from '../support/target.ts';

/** One of each way in which locks and value stacks are kept, and of waits for the end of a thread. */
const FAMILIES = ['2.7', '3.12', '3.13'];

function interpretersOfCores(): readonly Interpreter[] {
  // A C library that is newer than gdb guards stacks in a way that has gcore leave them out (glibc 2.42, gdb 13).
  const all = findInterpreters().filter(({ root }) => root === undefined);
  return FAMILIES.flatMap((family) => all.find((each) => each.family === family) ?? []);
}

/** The descriptors of a process are gone with it, and so is the clock by which it slept. */
function inCore(facts: object): object {
  return { ...facts, files: undefined, sleeps: undefined };
}

describe.skipIf(!hasTool('gcore'))('locks() of a core (gcore is needed)', () => {
  for (const interpreter of interpretersOfCores()) {
    test(`tells of CPython ${interpreter.name} what the living process would, but for its files and clocks`, async () => {
      using directory = new CoreDirectory();
      await using target = await startTarget(interpreter, 'locks.py');
      const truth = target.groundTruth;
      await untilSettled(truth);
      using inspection = await openCore(gcore(directory, target.pid), { native: false });
      const report = inspection.locks();
      for (const wait of waitsOf(truth)) {
        expect(inCore(seenWait(report, wait)), wait.thread).toEqual(inCore(trueWait(wait)));
      }
      expect(seenDeadlocks(report)).toEqual(trueDeadlocks(truth));
    });
  }
});
