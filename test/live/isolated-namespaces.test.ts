import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach, listPythonProcesses, type Snapshot } from '../../src/api/index.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { pythonFramesOf } from '../support/merged-frames.ts';
import {
  SANDBOXES,
  type Sandbox,
  type SandboxedTarget,
  sandboxObstacle,
  startSandboxed,
} from '../support/sandboxes.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';

const obstacle = sandboxObstacle();
const interpreters = findInterpreters().filter(({ kind }) => kind === 'shared' || kind === 'other-root');

for (const sandbox of SANDBOXES) {
  const held = interpreters.filter(({ family }) => sandbox.families.includes(family));
  describe.skipIf(obstacle !== undefined)(
    `In ${sandbox.name}${obstacle === undefined ? '' : ` (${obstacle})`}`,
    () => {
      describe.each(held.map((interpreter) => [interpreter.name, interpreter] as const))(
        '%s',
        (_, interpreter) => {
          checkSandboxed(sandbox, interpreter);
        },
      );
    },
  );
}

function checkSandboxed(sandbox: Sandbox, interpreter: Interpreter): void {
  let sandboxed: SandboxedTarget;
  let snapshot: Snapshot;

  beforeAll(async () => {
    sandboxed = await startSandboxed(sandbox, interpreter, 'threads.py');
    using inspection = await attach(sandboxed.pid);
    snapshot = inspection.snapshot();
  });

  afterAll(async () => {
    await sandboxed?.[Symbol.asyncDispose]();
  });

  test('attach() shows the threads and frames that the target says it has', () => {
    expect(seenThreads(snapshot)).toEqual(trueThreads(sandboxed.target.groundTruth));
    expect(snapshot.problems).toEqual([]);
  });

  test('attach() shows native calls in files as the target sees them', async () => {
    using inspection = await attach(sandboxed.pid);
    const { threads, problems } = inspection.snapshot({ native: 'all-threads' });
    for (const { frames, merged, native } of threads) {
      expect(native?.cutOff).toBeUndefined();
      expect(merged && pythonFramesOf(merged)).toEqual(frames);
    }
    // What is missing may only be what was stripped.
    expect(problems.filter(({ kind }) => kind !== 'stripped-module')).toEqual([]);
  });

  test('attach() shows thread ids of our namespace, and the inner ones beside them', () => {
    const ids = snapshot.threads.map(({ osThreadId, innerThreadId }) => ({ osThreadId, innerThreadId }));
    expect(ids).toEqual(
      snapshot.threads.map(({ pthreadId }) => {
        const inner = sandboxed.target.groundTruth.threads.find(({ ident }) => ident === pthreadId)?.nativeId;
        const outer = outerThreadId(sandboxed.pid, inner);
        return { osThreadId: outer, innerThreadId: sandbox.hasOwnPids ? inner : undefined };
      }),
    );
    expect(snapshot.process.pid).toBe(sandboxed.pid);
    expect(snapshot.process.innerPid).toBe(sandbox.hasOwnPids ? sandboxed.target.groundTruth.pid : undefined);
  });

  test('attach() shows sleeping threads as blocked, without the GIL', () => {
    const states = snapshot.threads.map(({ activity, gil }) => ({ state: activity.state, gil }));
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['blocked']));
    expect(new Set(states.map(({ gil }) => gil))).toEqual(new Set(['none']));
  });

  test("attach() shows source lines of the target's own file system", () => {
    const frames = snapshot.threads
      .flatMap((thread) => thread.frames)
      .filter(({ filename }) => basename(filename) === 'threads.py');
    expect(frames.length).toBeGreaterThan(4);
    expect(frames.map(({ sourceLine }) => sourceLine)).toEqual(
      frames.map(({ position }) => position && sandboxed.sourceLines[position.line - 1]),
    );
  });

  test('listPythonProcesses() lists it with its version and both its ids', async () => {
    const listed = (await listPythonProcesses()).find(({ pid }) => pid === sandboxed.pid);
    const { innerPid, version } = listed ?? {};
    expect({ innerPid, family: version && `${version.major}.${version.minor}` }).toEqual({
      innerPid: sandbox.hasOwnPids ? sandboxed.target.groundTruth.pid : undefined,
      family: interpreter.family,
    });
  });
}

/** The id in our namespace of the thread that has a given id in the target's. */
function outerThreadId(pid: number, inner: number | undefined): number | undefined {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .find((id) => {
      const status = readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8');
      return Number(/^NSpid:.*\t(\d+)$/mu.exec(status)?.[1]) === inner;
    });
}
