import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import { agentFilesOf } from '../support/agent-scene.ts';
import { PYFLIGHT_PROGRAM } from '../support/command-line.ts';
import { isTraced, threadStatesOf, until } from '../support/counting-target.ts';
import { seededRandom } from '../support/damaged-memory.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { startTarget } from '../support/target.ts';

/** PYFLIGHT_SEED repeats a run; PYFLIGHT_KILLS makes it longer. */
const SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['PYFLIGHT_KILLS'] ?? 3);
/** In which it starts, brings its agent in, asks and ends. */
const LIFETIME_MS = 400;

const COMMANDS = [
  (pid: number) => ['console', `${pid}`, '--allow-write', '--eval', '1 + 1'],
  (pid: number) => ['getglobal', `${pid}`, '__main__', 'counts', '-e', 'len(target)'],
];

async function killAfter(words: readonly string[], milliseconds: number): Promise<void> {
  const client = spawn(process.execPath, [PYFLIGHT_PROGRAM, ...words], {
    stdio: 'ignore',
    env: { ...process.env },
  });
  const exit = once(client, 'exit');
  await setTimeout(milliseconds);
  client.kill('SIGKILL');
  await exit;
}

/** Has the directories look as if nobody had touched them since long ago. */
function age(pid: number): void {
  for (const name of agentFilesOf(pid)) utimesSync(join(`/proc/${pid}/root`, 'tmp', name), 0, 0);
}

describeInterpreters('3.6', (interpreter) => {
  const random = seededRandom(SEED);

  test.skipIf(interpreter.isFreeThreaded)(
    `a process whose client is killed ${KILLS} times runs on, and the next one finds and leaves it clean (PYFLIGHT_SEED=${SEED})`,
    { timeout: 60_000 + KILLS * 10_000 },
    async () => {
      await using target = await startTarget(interpreter, 'injection-work.py', { args: ['2'] });
      const { pid } = target;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const words = COMMANDS[kill % COMMANDS.length]?.(pid) ?? [];
        await killAfter(words, random() * LIFETIME_MS);
        await until(() => !isTraced(pid) && !/[tT]/u.test(threadStatesOf(pid)), 'it runs on');
      }
      using inspection = await attach(pid);
      using agent = await inspection.agent({ timeoutMs: 20_000 });
      expect((await agent.status()).clients).toMatchObject([{ isOwn: true }]);
      expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
      // Those of clients that were killed before their agent came; whoever may still be on the way in keeps his.
      age(pid);
      expect(await inspection.findAgent()).toBeUndefined();
      expect(agentFilesOf(pid)).toEqual([]);
      target.say('');
      expect((await target.next()).facts).toMatchObject({ errors: 0, early: 0, workers: 4 });
    },
  );
});
