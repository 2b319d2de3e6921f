import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { AgentScene } from '../support/agent-scene.ts';
import { threadStatesOf, until } from '../support/counting-target.ts';
import { untilAsleep } from '../support/injection.ts';
import { describeInterpreters } from '../support/matrix.ts';

/** One that is killed as soon as the target has been asked to let the agent in. */
const ASKING = `
const { attach } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url))});
const inspection = await attach(Number(process.argv[1]));
const dies = (step) => /^(?:asked|queued|borrowed) /.test(step) && process.kill(process.pid, 'SIGKILL');
await inspection.agent({ leaseSeconds: 0.3, onStep: dies });
`;

async function isKilledAsking(pid: number): Promise<string> {
  const client = spawn(process.execPath, ['--input-type=module', '-e', ASKING, `${pid}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = await once(client, 'exit');
  return signal;
}

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded).each([
    ['reads', ''],
    ['waits for a lock', '__import__("threading").Event().wait()'],
  ])(
    'a program whose main thread %s lets the agent in and out of a client that was killed when it had asked',
    async (_, line) => {
      await using scene = await AgentScene.open(interpreter);
      if (line !== '') scene.target.send(line);
      await untilAsleep(scene.pid, line === '' ? /^(?:0|63) 0x0 /u : /^(?:202|98|221|22) /u);
      const before = scene.threads();
      expect(await isKilledAsking(scene.pid)).toBe('SIGKILL');
      await until(() => scene.threads() > before || scene.files().length === 0, 'it comes in');
      await until(() => scene.files().length === 0 && scene.threads() === before, 'it leaves');
      expect(threadStatesOf(scene.pid)).toBe('S');
      if (line === '') expect((await scene.footprint()).files).toEqual([]);
    },
  );
});
