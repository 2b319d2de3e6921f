import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findInterpreterCode } from '../../src/agent/injection/interpreter-code.ts';
import { readPythonThreads } from '../../src/agent/injection/python-threads.ts';
import { readPendingCalls } from '../../src/cpython/injection/pending-calls.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { threadStatesOf, until } from '../support/counting-target.ts';
import { untilAsleep } from '../support/injection.ts';
import { describeInterpreters } from '../support/matrix.ts';

/** One that is killed at the first step that begins with one of these words. */
const DYING = `
const { attach } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url))});
const [pid, ...beginnings] = process.argv.slice(1);
const inspection = await attach(Number(pid));
const dies = (step) => beginnings.some((each) => step.startsWith(each)) && process.kill(process.pid, 'SIGKILL');
await inspection.agent({ leaseSeconds: 0.3, onStep: dies });
`;

async function isKilledAt(beginnings: readonly string[], pid: number): Promise<string> {
  const words = ['--input-type=module', '-e', DYING, `${pid}`, ...beginnings];
  const client = spawn(process.execPath, words, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [, signal] = await once(client, 'exit');
  return signal;
}

/** Calls that wait for the main thread to make them. */
function waitingCalls(pid: number): number {
  using target = openTarget(pid);
  const found = readPythonThreads(target);
  const code = found && findInterpreterCode(target, found.interpreter.facts.address);
  if (code?.pendingCalls === undefined) throw new TypeError('its pending calls were not found');
  return readPendingCalls(target.changingMemory, code.pendingCalls, code.checkSignals).waiting;
}

const ASKED = ['asked', 'queued', 'borrowed'];
const READS = /^(?:0|63) 0x0 /u;
const WAITS = /^(?:202|98|221|22) /u;

describeInterpreters('3.6', (interpreter) => {
  const tests = test.skipIf(interpreter.isFreeThreaded);

  tests.each([
    ['reads', '', READS],
    ['waits for a lock', '__import__("threading").Event().wait()', WAITS],
  ])(
    'a program whose main thread %s lets the agent in and out of a client that was killed when it had asked',
    async (_, line, call) => {
      await using scene = await AgentScene.open(interpreter);
      if (line !== '') scene.target.send(line);
      await untilAsleep(scene.pid, call);
      const before = scene.threads();
      expect(await isKilledAt(ASKED, scene.pid)).toBe('SIGKILL');
      await until(() => scene.files().length === 0 && scene.threads() === before, 'it leaves');
      await until(() => threadStatesOf(scene.pid) === 'S', 'it sleeps on');
      // A thread that was not woken would have left it there.
      await until(() => waitingCalls(scene.pid) === 0, 'no call waits for it');
    },
  );

  tests(
    'files of a client that was killed before it asked are removed by what it leaves behind',
    async () => {
      await using scene = await AgentScene.open(interpreter);
      const before = await scene.footprint();
      expect(await isKilledAt(['the agent'], scene.pid)).toBe('SIGKILL');
      await until(() => scene.files().length === 0, 'they are removed');
      expect(await scene.footprint()).toEqual(before);
    },
  );
});
