import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import { AgentScene, agentFilesOf } from '../support/agent-scene.ts';
import { until } from '../support/counting-target.ts';
import { untilAsleep } from '../support/injection.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { startTarget } from '../support/target.ts';

const NOTHING_LEFT = { threads: 0, sockets: 0, files: 0 };
const TIMEOUT = { timeoutMs: 20_000 };

/** Brings an agent in for real, hears from it who it is in, and leaves it there, or takes it out again. */
async function expectAgentIn(pid: number, { stays = false } = {}): Promise<void> {
  using inspection = await attach(pid);
  using agent = await inspection.agent(TIMEOUT);
  expect((await agent.status()).pid).toBe(pid);
  const { value } = await agent.evaluate({ module: '__main__', expression: '__import__("os").getpid()' });
  expect(value).toMatchObject({ kind: 'view', view: { kind: 'int', value: BigInt(pid) } });
  if (!stays) expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
}

describeInterpreters('3.6', (interpreter) => {
  const { isFreeThreaded, isDebugBuild, root } = interpreter;

  test.skipIf(isFreeThreaded)(
    'a child and a grandchild are attached to on their own, and outlive their parent',
    async () => {
      await using scene = await AgentScene.open(interpreter);
      await expectAgentIn(scene.pid, { stays: true });
      const child: number = JSON.parse(await scene.tell('fork()')).pid;
      await expectAgentIn(child, { stays: true });
      const grandchild: number = JSON.parse(await scene.tell('fork()')).pid;
      await expectAgentIn(grandchild);
      process.kill(scene.pid, 'SIGKILL');
      await until(() => !existsSync(`/proc/${scene.pid}`), 'the parent is gone');
      await expectAgentIn(child);
      await expectAgentIn(grandchild);
      expect([...agentFilesOf(child), ...agentFilesOf(grandchild)]).toEqual([]);
      for (const pid of [child, grandchild]) process.kill(pid, 'SIGKILL');
    },
  );

  test.skipIf(isFreeThreaded)(
    'a child that C code has forked off, as uWSGI does, is known by its own thread',
    async () => {
      await using target = await startTarget(interpreter, 'forked-by-c.py');
      const { child } = target.groundTruth.facts;
      if (typeof child !== 'number') throw new TypeError('the target did not say its child');
      using inspection = await attach(child);
      expect(inspection.snapshot().threads.map(({ osThreadId }) => osThreadId)).toEqual([child]);
      await expectAgentIn(child);
    },
  );

  test.skipIf(isFreeThreaded || isDebugBuild)(
    'workers of multiprocessing are attached to on their own',
    async () => {
      const args = ['fork', 'spawn', 'forkserver'];
      await using target = await startTarget(interpreter, 'worker-processes.py', { args });
      const { workers } = target.groundTruth.facts;
      if (!Array.isArray(workers)) throw new TypeError('the target did not say its workers');
      for (const worker of workers) await expectAgentIn(worker);
      target.say('');
      await target.ended();
    },
  );

  /** From 3.12 on any thread makes the call, from 3.14 on CPython takes such a request out of the child itself. */
  test.skipIf(isSince(interpreter, '3.12'))(
    'a child that is forked off between the request and its fulfilment has no agent, and its parent has',
    async () => {
      await using scene = await AgentScene.open(interpreter);
      const flag = `/tmp/pyflight-fork-${scene.pid}`;
      const seen = join(root ?? '/', flag);
      await scene.tell(`beside(lambda: fork_when(${JSON.stringify(flag)})); say()`);
      await untilAsleep(scene.pid);
      const attempt = scene.inspection.agent({
        ...TIMEOUT,
        how: 'pending-call',
        onStep: (step) => {
          if (step.startsWith('queued')) writeFileSync(seen, '');
        },
      });
      const child: number = JSON.parse(await scene.target.nextLine()).pid;
      rmSync(seen);
      expect(readdirSync(`/proc/${child}/task`)).toHaveLength(1);
      const [directory = ''] = agentFilesOf(scene.pid);
      expect(readdirSync(join(`/proc/${scene.pid}/root`, 'tmp', directory)).sort()).toEqual(['b', 'p']);
      // The main thread wakes.
      scene.target.send('pass');
      const agent = await attempt;
      expect((await agent.status()).pid).toBe(scene.pid);
      expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
      process.kill(child, 'SIGKILL');
    },
  );
});
