import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import type { ActiveHook, AgentSession, CallAccount } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { PYFLIGHT_PROGRAM } from '../support/command-line.ts';
import { until } from '../support/counting-target.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { loadCalled, openWatch } from '../support/watching.ts';

const NOTHING_LEFT = { threads: 0, sockets: 0, files: 0 };

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  let agent: AgentSession;
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    await loadCalled(scene);
    agent = await scene.agent();
    return async () => {
      agent[Symbol.dispose]();
      await scene[Symbol.asyncDispose]();
    };
  });

  const untilHooks = async (isSo: (hooks: readonly ActiveHook[]) => boolean): Promise<void> => {
    await expect
      .poll(async () => isSo((await agent.status()).hooks), { timeout: 20_000, interval: 1 })
      .toBe(true);
  };

  test('a client that is killed takes its hooks along, and no call fails', async () => {
    const client = await startWatch(scene.pid, 'called', 'twice', '-n', '-1');
    await scene.tell(
      'called.runs = True; beside(lambda: [called.twice(1) for _ in iter(lambda: called.runs, False)]); say()',
    );
    await untilHooks((hooks) => hooks.some(({ hits }) => hits > 100));
    client.kill('SIGKILL');
    await untilHooks((hooks) => hooks.length === 0);
    expect(await scene.ask('[called.twice(2), called.changed()]')).toEqual([4, []]);
    await scene.tell('called.runs = False; say()');
  });

  test('hooks come and go again and again while threads call the function', async () => {
    await scene.tell(
      'called.runs = True; called.wrong = []; exec("def busy():\\n  while called.runs:\\n    if called.twice(2) != 4 or called.driven()[0] != 0: called.wrong.append(1)"); [beside(busy) for _ in range(2)]; say()',
    );
    for (let round = 0; round < 20; round += 1) {
      const watch = await openWatch(agent, {
        words: ['called', round % 2 === 0 ? 'twice' : 'numbers'],
        limit: 2,
        yields: true,
      });
      expect(await watch.ended).toMatchObject({ reason: 'limit', isRestored: true, ownFailures: 0 });
    }
    await scene.tell('called.runs = False; say()');
    expect(await scene.ask('[called.wrong, called.changed()]')).toEqual([[], []]);
  });

  test('an agent that is detached ends streams, and calls that are under way end as they should', async () => {
    const before = await scene.ask('called.begin_waiting()');
    expect(before).toBe('waits');
    await scene.ask('called.end_waiting()');
    const watch = await openWatch(agent, { words: ['called', 'coroutine'] });
    expect(await scene.ask('called.begin_waiting()')).toBe('waits');
    const { left, kept } = await agent.detach();
    expect([left, kept]).toEqual([NOTHING_LEFT, []]);
    expect(await watch.ended).toMatchObject({ reason: 'detached', isRestored: true });
    expect(await scene.ask('called.end_waiting()')).toBe('done late');
    expect(await scene.ask('called.changed()')).toEqual([]);
    agent = await scene.agent();
  });

  test('a program that ends while it is watched ends, and its watchers are told', async () => {
    await using ending = await AgentScene.open(interpreter);
    await loadCalled(ending);
    using visitor = await ending.agent();
    const watch = await openWatch(visitor, { words: ['called', 'twice'] });
    await ending.ask('called.twice(1)');
    ending.target.send('sys.stdin = open("/dev/null"); raise SystemExit(7)');
    const account: CallAccount = await watch.ended;
    expect(account).toMatchObject({ reason: 'exit', seen: 1, shown: 1, isRestored: true });
    await until(() => !isAlive(ending.pid), 'it has ended');
    expect(ending.files()).toEqual([]);
  });
});

async function startWatch(pid: number, ...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PYFLIGHT_PROGRAM, 'watch', `${pid}`, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], XDG_STATE_HOME: process.env['XDG_STATE_HOME'] },
  });
  child.stderr?.setEncoding('utf8');
  const [said] = await once(child.stderr ?? child, 'data');
  expect(said).toContain('watch is on');
  return child;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
