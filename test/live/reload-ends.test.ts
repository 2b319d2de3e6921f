import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { PYFLIGHT_PROGRAM, runPyflight } from '../support/command-line.ts';
import { isTraced, threadStatesOf, until } from '../support/counting-target.ts';
import { seededRandom } from '../support/damaged-memory.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { describeInterpreters } from '../support/matrix.ts';

/** PYFLIGHT_SEED repeats a run; PYFLIGHT_KILLS makes it longer. */
const SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['PYFLIGHT_KILLS'] ?? 8);
/** In which it starts, brings its agent in, reloads and ends. */
const LIFETIME_MS = 500;
/** The first that can be reloaded, and one of each way to see calls. */
const FAMILIES = ['3.6', '3.11', '3.13'];

/** A module `n` whose function says which code and which default it has. */
const PRELUDE = `
import importlib, shutil, tempfile
D = tempfile.mkdtemp(prefix='pyflight-reload-')
sys.path.insert(0, D)

def put(age):
    with open(D + '/n.py', 'w') as file:
        file.write("def f(default='%s'):\\n    return ['%s', default]\\n" % (age, age))

put('old')
import n
`;

/** Two threads that call it until they are told to end, and what went wrong. */
const STORM = `
ended, wrong = threading.Event(), []
def call():
    while not ended.is_set():
        try:
            n.f()
        except BaseException as error:
            wrong.append(repr(error))
storm = [threading.Thread(target=call, daemon=True) for _ in range(2)]
for thread in storm:
    thread.start()
`;

async function openScene(interpreter: Interpreter): Promise<AgentScene> {
  const scene = await AgentScene.open(interpreter);
  await scene.tell(`exec(${JSON.stringify(PRELUDE)}); say()`);
  return scene;
}

const AGES = ['new', 'old'];

describe(`a process whose client is killed in the middle of a reload, with PYFLIGHT_SEED=${SEED},`, () => {
  const random = seededRandom(SEED);
  const chosen = FAMILIES.flatMap(
    (family) => findInterpreters().find((each) => each.family === family && !each.isFreeThreaded) ?? [],
  );

  test.each(chosen)(
    `has the old function or the new one after each of ${KILLS}, and no call fails ($name)`,
    { timeout: 60_000 + KILLS * 10_000 },
    async (interpreter) => {
      await using scene = await openScene(interpreter);
      await scene.tell(`exec(${JSON.stringify(STORM)}); say()`);
      const words = ['reload', `${scene.pid}`, 'n', 'f', '--allow-write'];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await scene.tell(`put('${AGES[kill % 2]}'); say()`);
        const client = spawn(process.execPath, [PYFLIGHT_PROGRAM, ...words], { stdio: 'ignore' });
        const ended = once(client, 'exit');
        await Promise.race([setTimeout(random() * LIFETIME_MS), ended]);
        client.kill('SIGKILL');
        await ended;
        await until(() => !isTraced(scene.pid) && !/[tT]/u.test(threadStatesOf(scene.pid)), 'it runs on');
        expect(['old old', 'new new']).toContain((await scene.ask<readonly string[]>('n.f()')).join(' '));
      }
      await scene.tell("put('last'); say()");
      expect(await runPyflight(words)).toMatchObject({
        status: 0,
        notes: expect.not.stringContaining('error'),
      });
      await scene.tell('ended.set(); [thread.join() for thread in storm]; say()');
      expect(await scene.ask('[n.f(), wrong]')).toEqual([['last', 'last'], []]);
      await scene.tell('shutil.rmtree(D); say()');
    },
  );
});

describeInterpreters('3.6', (interpreter) => {
  /** Reloads in a process as its own agent does, which is brought in for it. */
  const reloadIn = async (pid: number, more = {}): Promise<string> => {
    using inspection = await attach(pid);
    using agent = await inspection.agent({ timeoutMs: 20_000 });
    const { verdict } = await agent.reload({ words: ['n', 'f'], ...more });
    await agent.detach();
    return verdict;
  };

  test.skipIf(interpreter.isFreeThreaded)(
    'a worker of multiprocessing is reloaded on its own, before its parent or after it',
    async () => {
      await using scene = await openScene(interpreter);
      const pool = 'import multiprocessing; pool = multiprocessing.get_context("fork").Pool(1); say()';
      await scene.tell(pool);
      const worker = await scene.ask<number>('pool.apply(os.getpid)');
      await scene.tell("put('new'); say()");
      expect(await reloadIn(worker)).toBe('changed');
      expect(await scene.ask('[n.f(), pool.apply(n.f)]')).toEqual([
        ['old', 'old'],
        ['new', 'new'],
      ]);
      expect(await reloadIn(scene.pid)).toBe('changed');
      expect(await reloadIn(worker)).toBe('unchanged');
      expect(await scene.ask('[n.f(), pool.apply(n.f)]')).toEqual([
        ['new', 'new'],
        ['new', 'new'],
      ]);
      await scene.tell('pool.terminate(); pool.join(); shutil.rmtree(D); say()');
    },
  );

  test.skipIf(interpreter.isFreeThreaded)(
    'a child that was forked off after a reload has the new function, can put it back, and is reloaded on its own',
    async () => {
      await using scene = await openScene(interpreter);
      await scene.tell("put('new'); say()");
      using agent = await scene.agent();
      await agent.reload({ words: ['n', 'f'] });
      const child: number = JSON.parse(await scene.tell('fork()')).pid;
      expect(await scene.ask('n.f()')).toEqual(['new', 'new']);
      expect(await reloadIn(child, { undo: true })).toBe('undone');
      expect(await scene.ask('n.f()')).toEqual(['old', 'old']);
      await scene.tell("put('newer'); say()");
      expect(await reloadIn(child)).toBe('changed');
      expect(await scene.ask('n.f()')).toEqual(['newer', 'newer']);
      // The parent goes on when its child ends; until then both read the same input.
      scene.target.send('os._exit(0)');
      await until(() => !existsSync(`/proc/${child}`), 'the child has ended');
      expect(await scene.ask('n.f()')).toEqual(['new', 'new']);
      expect(await agent.reload({ words: ['n', 'f'], undo: true })).toMatchObject({ verdict: 'undone' });
      expect(await scene.ask('n.f()')).toEqual(['old', 'old']);
      await scene.tell('shutil.rmtree(D); say()');
    },
  );
});
