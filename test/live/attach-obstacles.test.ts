import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bootstrapText } from '../../src/agent/bootstrap.ts';
import { payloadText } from '../../src/agent/payload.ts';
import type { Inspection } from '../../src/api/index.ts';
import { AlreadyTracedError } from '../../src/base/errors.ts';
import { PROTOCOL } from '../../src/wire/protocol.ts';
import { AgentScene, agentFilesOf } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { isTraced, until } from '../support/counting-target.ts';
import { untilAsleep } from '../support/injection.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { isSince } from '../support/matrix.ts';
import { readOnlyScript, sandboxObstacle } from '../support/sandboxes.ts';
import { stopEverywhere } from '../support/stopped.ts';
import { startTarget } from '../support/target.ts';

const NOTHING_LEFT = { threads: 0, sockets: 0, files: 0 };
const isRoot = process.getuid?.() === 0;
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** PTRACE_SEIZE, and nothing else until its standard input ends. */
const TRACER =
  'import ctypes, sys; ctypes.CDLL(None).ptrace(0x4206, int(sys.argv[1]), 0, 0); print(flush=True); sys.stdin.read()';

const ofOurRoot = findInterpreters().filter(
  ({ root, isFreeThreaded, isDebugBuild, family }) =>
    root === undefined && !isFreeThreaded && !isDebugBuild && family !== '2.7',
);
/** One of each way in. */
const first = ofOurRoot[0];
const last = ofOurRoot.at(-1);
const other = findInterpreters().find((each) => isSince(each, '3.14') && !each.isFreeThreaded);

/** What a user sees who wants a Python prompt there. */
async function console(pid: number, ...words: readonly string[]) {
  return await runPyflight(['console', `${pid}`, '--allow-write', '--eval', '6 * 7', ...words]);
}

/** Whether somebody accepts connections at the path: before that, a socket is there that turns all away. */
function isListening(path: string): boolean {
  const listening = readFileSync('/proc/net/unix', 'latin1').split('\n');
  return listening.some((line) => line.split(' ')[3] === '00010000' && line.endsWith(` ${path}`));
}

function describeEach(declare: (interpreter: Interpreter) => void): void {
  for (const each of [first, last])
    if (each !== undefined) describe(`CPython ${each.name}`, () => declare(each));
}

describeEach((interpreter) => {
  test('a process that is stopped, traced, or ended says so in one sentence, and is as before', async () => {
    await using target = await startTarget(interpreter, 'single-thread.py');
    const { pid } = target;
    await stopEverywhere(pid);
    const stopped = await console(pid);
    expect(stopped).toMatchObject({ status: 6, out: '' });
    expect(stopped.notes).toMatch(
      /^error: Cannot run code in process \d+: it is stopped by a signal\n {2}kill -CONT/u,
    );
    process.kill(pid, 'SIGCONT');
    const tracer = spawn('python3', ['-c', TRACER, `${pid}`], { stdio: 'pipe' });
    await once(tracer.stdout, 'data');
    const traced = await console(pid);
    expect(traced).toMatchObject({ status: 4, out: '' });
    expect(traced.notes).toMatch(
      /^error: Cannot stop process \d+: process \d+ \(python3[^)]*\) is tracing it already\n/u,
    );
    tracer.stdin.end();
    await once(tracer, 'exit');
    expect(agentFilesOf(pid)).toEqual([]);
    expect(await console(pid)).toEqual({ status: 0, out: '42\n', notes: '' });
    expect((await runPyflight(['detach', `${pid}`])).status).toBe(0);
    await target.stop();
    expect(await console(pid)).toMatchObject({ status: 3, out: '' });
  });

  test('a zombie says so', async () => {
    await using scene = await AgentScene.open(interpreter);
    const zombie = await scene.ask<number>('zombie()');
    const result = await console(zombie);
    expect(result).toMatchObject({ status: 3, out: '' });
    expect(result.notes).toContain('it is a zombie');
  });

  test('a GIL that is never released is named in time, with what still answers, and nothing was changed', async () => {
    await using target = await startTarget(interpreter, 'injection-held-gil.py');
    await untilAsleep(target.pid, /^(0|63) 0x0 /u);
    for (const how of ['auto', 'pending-call', 'thread-call']) {
      const { status, out, notes } = await console(target.pid, '--timeout', '0.3', '--how', how);
      expect([status, out], how).toEqual([6, '']);
      expect(notes, how).toMatch(
        /^error: Cannot run code in process \d+: not within 300 ms, since thread \d+ holds the GIL\n/u,
      );
      expect(notes, how).toContain(`pyflight stack ${target.pid} `);
      expect(notes, how).toContain(`pyflight locks ${target.pid} `);
    }
    expect(agentFilesOf(target.pid)).toEqual([]);
    target.say('');
    expect((await target.next()).facts).toEqual({ marks: 0 });
    expect((await console(target.pid)).out).toBe('42\n');
    expect((await runPyflight(['detach', `${target.pid}`])).status).toBe(0);
  });

  test('each way in can be forced, and -v tells its steps', async () => {
    await using target = await startTarget(interpreter, 'injection-states.py');
    for (const [how, state, step] of [
      ['pending-call', 'busy', 'queued a pending call'],
      ['thread-call', 'read', 'borrowed thread'],
    ] as const) {
      target.say(state);
      await target.next();
      if (state !== 'busy') await untilAsleep(target.pid);
      const words = ['--how', how, '-v'];
      const { status, notes } = await runPyflight([
        'console',
        `${target.pid}`,
        '--allow-write',
        '--eval',
        'release()',
        ...words,
      ]);
      expect(status, notes).toBe(0);
      // The main thread may be about to wait for a lock just then.
      const steps = notes.trimEnd().split('\n');
      expect(
        steps.filter((line) => !line.startsWith('- nudged ')),
        how,
      ).toEqual([
        expect.stringMatching(/^- the agent's files lie in \/tmp\/pyflight-\d+-[0-9a-f]+$/u),
        expect.stringMatching(new RegExp(`^- ${step}\\b`, 'u')),
        '- the agent answers',
      ]);
      await target.next();
      expect((await runPyflight(['detach', `${target.pid}`])).status).toBe(0);
    }
    const refused = await console(target.pid, '--how', 'remote-debug');
    expect(refused).toMatchObject({ status: 6, out: '' });
    expect(refused.notes).toContain('CPython before 3.14 has no remote debugging');
  });

  test('a program that ends while a statement runs ends on time, and the client says so', async () => {
    await using scene = await AgentScene.open(interpreter);
    const running = runPyflight(['console', `${scene.pid}`, '--allow-write', '--eval', 'spin()']);
    await untilItRuns(scene.inspection);
    scene.target.send('sys.exit()');
    await scene.target.ended();
    const { status, notes } = await running;
    expect(status).toBe(3);
    expect(notes).toMatch(/^error: .*it ended meanwhile$/mu);
  });

  test('an agent of another version is talked to, and replaced where it speaks another protocol', async () => {
    await using scene = await AgentScene.open(interpreter);
    const before = await scene.footprint();
    for (const [protocol, isReplaced] of [
      [PROTOCOL, false],
      [99, true],
    ] as const) {
      const directory = `/tmp/pyflight-${scene.pid}-${protocol}`;
      mkdirSync(directory, { mode: 0o700 });
      const settings = { directory, version: '0.0.1', lease: 15 };
      const program = payloadText(settings).replace(/^PROTOCOL = \d+$/mu, `PROTOCOL = ${protocol}`);
      writeFileSync(`${directory}/p`, program);
      writeFileSync(`${directory}/b`, bootstrapText(directory, scene.pid));
      scene.target.send(`load('${directory}/b')`);
      await until(() => isListening(`${directory}/s`), 'it listens');
      const steps: string[] = [];
      const agent = await scene.inspection.agent({ timeoutMs: 20_000, onStep: (step) => steps.push(step) });
      expect([agent.wasInside, agent.agentVersion === '0.0.1']).toEqual([!isReplaced, !isReplaced]);
      expect(steps.includes('it speaks another protocol, and is asked to leave')).toBe(isReplaced);
      expect((await agent.status()).pid).toBe(scene.pid);
      expect(scene.files()).toHaveLength(1);
      expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
    }
    expect(await scene.footprint()).toEqual(before);
  });

  test('directories that nobody needs any more are swept, others and a silent listener are let be', async () => {
    await using scene = await AgentScene.open(interpreter);
    const ended = 4_194_303;
    const names = {
      ours: `${scene.pid}-a`,
      ofEnded: `${ended}-b`,
      young: `${ended}-c`,
      alive: '1-d',
      served: `${scene.pid}-e`,
    };
    const paths = Object.values(names).map((name) => `/tmp/pyflight-${name}`);
    for (const path of paths) mkdirSync(path, { mode: 0o700 });
    const listener = createServer(() => undefined).listen(`/tmp/pyflight-${names.served}/s`);
    await once(listener, 'listening');
    for (const path of paths) if (!path.endsWith('-c')) utimesSync(path, 0, 0);
    try {
      const agent = await scene.inspection.agent({ timeoutMs: 20_000 });
      expect(agent.wasInside).toBe(false);
      expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
      const isThere = (name: string) =>
        statSync(`/tmp/pyflight-${name}`, { throwIfNoEntry: false }) !== undefined;
      expect(Object.values(names).map(isThere)).toEqual([false, false, true, true, true]);
    } finally {
      listener.close();
      for (const path of paths) rmSync(path, { recursive: true, force: true });
    }
  });

  test.skipIf(!isRoot)(
    'root comes into a process of somebody else as its user, who does not come into one of root',
    async () => {
      // The others lie where only root may go.
      const system = findInterpreters().find(({ name }) => name.endsWith(' system')) ?? interpreter;
      await using scene = await AgentScene.open(system, { through: AS_NOBODY });
      await using ofRoot = await AgentScene.open(system);
      const agent = await scene.inspection.agent({ timeoutMs: 20_000 });
      const { directory } = await agent.status();
      expect(statSync(directory)).toMatchObject({ uid: 65_534, mode: 0o40700 });
      expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
      const refused = await runPyflight(['console', `${ofRoot.pid}`, '--allow-write', '--eval', '1'], {
        through: AS_NOBODY,
      });
      expect(refused).toMatchObject({ status: 4, out: '' });
      expect(refused.notes).toMatch(
        /^error: Cannot inspect process \d+: it belongs to root \(uid 0\), we run as nobody/u,
      );
      expect(ofRoot.files()).toEqual([]);
    },
  );

  test.skipIf(sandboxObstacle() !== undefined)(
    'namespaces of mounts, pids and networks and read-only file systems are no obstacle',
    async () => {
      const through = ['unshare', '-mpn', '--fork', '--kill-child', '--mount-proc', 'sh', '-c'];
      await using scene = await AgentScene.open(interpreter, {
        through: [...through, readOnlyScript(['/tmp', '/var/tmp']), 'sh'],
      });
      const agent = await scene.inspection.agent({ timeoutMs: 20_000 });
      expect((await agent.status()).directory).toMatch(/^\/dev\/shm\/pyflight-1-/u);
      expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
    },
  );
});

/** Waits until an agent that somebody else brings in runs something. */
async function untilItRuns(inspection: Inspection): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    using agent = await inspection.findAgent();
    if (agent !== undefined && (await agent.status()).running.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('nothing runs');
}

test.skipIf(other === undefined)('CPython 3.14 and later is asked in one way only', async () => {
  if (other === undefined) return;
  await using target = await startTarget(other, 'single-thread.py');
  for (const how of ['pending-call', 'thread-call']) {
    const { status, notes } = await console(target.pid, '--how', how);
    expect([status, notes]).toEqual([6, expect.stringContaining('asked by remote debugging only')]);
  }
  const { status, out, notes } = await console(target.pid, '--how', 'remote-debug', '-v');
  expect([status, out]).toEqual([0, '42\n']);
  expect(notes).toMatch(/^- asked thread \d+ to run \/tmp\/pyflight-\d+-[0-9a-f]+\/b$/mu);
  expect((await runPyflight(['detach', `${target.pid}`])).status).toBe(0);
});

test.skipIf(other === undefined)(
  'a request that a debugger keeps us from taking back finds its file, whoever has asked',
  async () => {
    if (other === undefined) return;
    await using scene = await AgentScene.open(other);
    // It cannot be woken as it is asked, since the call is not one of CPython's own, and the thread that waits has to stand still.
    scene.target.send('import threading as t; t.Thread(target=t.Event().wait, daemon=True).start()');
    scene.target.send('c = __import__("ctypes"); c.CDLL(None).read(0, c.create_string_buffer(1), 1)');
    await untilAsleep(scene.pid, /^(?:0|63) 0x0 0x\w+ 0x1 /u);
    const waiting = () => Number(readdirSync(`/proc/${scene.pid}/task`).find((id) => id !== `${scene.pid}`));
    let tracer: ChildProcess | undefined;
    const onStep = (step: string): void => {
      if (tracer === undefined && step.startsWith('asked thread')) tracer = traceAtOnce(scene.pid, waiting());
    };
    try {
      await expect(scene.inspection.agent({ onStep, timeoutMs: 500 })).rejects.toThrow(AlreadyTracedError);
      expect(scene.files()).toHaveLength(1);
    } finally {
      tracer?.stdin?.end();
      if (tracer !== undefined) await once(tracer, 'exit');
    }
    scene.target.send('');
    // Its standard error comes with what it says.
    expect(await scene.ask('6 * 7')).toBe(42);
    const agent = await scene.inspection.agent({ timeoutMs: 20_000 });
    expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
    expect(scene.files()).toEqual([]);
  },
);

/** Begins to trace a thread of a process before it returns. */
function traceAtOnce(pid: number, threadId: number): ChildProcess {
  const tracer = spawn('python3', ['-c', TRACER, `${threadId}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < 20_000 && !isTraced(pid); waited += 1) Atomics.wait(cell, 0, 0, 1);
  return tracer;
}
