import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach, openCore, type Snapshot, type ThreadStack, UnusableCoreError } from '../../src/api/index.ts';
import { findOnPath } from '../../src/platform/executables.ts';
import { findInterpreters, type Interpreter, SUPPORTED_FAMILIES } from '../support/interpreters.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { untilSettled } from '../support/settled.ts';
import { startTarget, type Target } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-cores-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Has gdb write the core of a process that goes on. */
function writeCore(pid: number, path: string): void {
  execFileSync('gdb', ['-nx', '-batch', '-p', `${pid}`, '-ex', `gcore ${path}`], { stdio: 'ignore' });
}

/** A living thread that sleeps shows too what only registers tell that the core has of it. */
function callsOf(thread: ThreadStack | undefined): Pick<ThreadStack, 'native' | 'merged'> {
  return { native: thread?.native, merged: thread?.merged };
}

/** One interpreter of each family, and those of other roots, whose files are found below these. */
function interpretersOfCores(): readonly Interpreter[] {
  const all = findInterpreters();
  return SUPPORTED_FAMILIES.flatMap((family) => all.find((each) => each.family === family) ?? []);
}

describe.skipIf(findOnPath('gdb') === undefined)('openCore() (gdb is needed)', () => {
  for (const interpreter of interpretersOfCores())
    describe(`of CPython ${interpreter.name}`, () => {
      const path = join(directory, `core.${interpreter.family}`);
      const options = interpreter.root === undefined ? {} : { libraryRoot: interpreter.root };
      let target: Target;
      let alive: Snapshot;

      beforeAll(async () => {
        target = await startTarget(interpreter, 'threads.py');
        await untilSettled(target.groundTruth);
        using inspection = await attach(target.groundTruth.pid);
        alive = inspection.snapshot({ native: 'all-threads' });
        writeCore(target.groundTruth.pid, path);
      });

      afterAll(async () => {
        await target.stop();
        rmSync(path, { force: true });
      });

      test('shows every thread as the process itself did', async () => {
        using core = await openCore(path, options);
        const snapshot = core.snapshot({ locals: true });
        expect(snapshot.problems).toEqual([]);
        // Since glibc 2.42 there are pages within a stack that nobody can read, and gdb writes zeros for what is around.
        const isLossy = snapshot.threads.some(({ problems }) => problems.length > 0);
        if (isLossy) expect(['3.14', '3.15']).toContain(interpreter.family);
        else expect(seenThreads(snapshot)).toEqual(trueThreads(target.groundTruth));
        expect(core.facts.python.minor).toBe(Number(interpreter.family.split('.')[1]));
        expect(core.coreFacts).toMatchObject({ writer: 'debugger', missingBytes: 0 });
      });

      test('shows the native calls that the living process had', async () => {
        using core = await openCore(path, options);
        const dead = core.snapshot({ native: 'all-threads' });
        expect(dead.threads.map(({ osThreadId }) => osThreadId)).toEqual(
          alive.threads.map(({ osThreadId }) => osThreadId),
        );
        for (const [at, { native, merged, problems }] of dead.threads.entries()) {
          // See above.
          if (problems.length > 0) expect(['3.14', '3.15']).toContain(interpreter.family);
          else expect({ native, merged }).toEqual(callsOf(alive.threads[at]));
        }
      });

      test('says what a core lacks that was cut off, and shows what is left of it or says that nothing is', async () => {
        truncateSync(path, 20_000_000);
        const shown = await openCore(path, options).then(
          (core) =>
            core
              .snapshot()
              .problems.map(({ message }) => message)
              .join(),
          (error: unknown) => (error instanceof UnusableCoreError ? error.message : String(error)),
        );
        expect(shown).toMatch(/lacks its last \d+ bytes|its last \d+ bytes are missing/u);
      });
    });
});
