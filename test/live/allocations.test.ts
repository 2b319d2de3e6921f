import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import {
  type AgentSession,
  type AllocationReport,
  type AllocationWish,
  ProcessExitedError,
} from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { violations } from '../support/schemas.ts';
import { programsSeenBy } from '../support/target.ts';

const NOTHING_LEFT = { threads: 0, sockets: 0, files: 0 };

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  let place: { readonly file: string; readonly line: number };
  let caller: { readonly file: string; readonly line: number };
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    const directory = JSON.stringify(join(programsSeenBy(interpreter)));
    await scene.tell(`sys.path.insert(0, ${directory}); import allocating, _tracemalloc; say()`);
    const [file, line, calls] = await scene.ask<[string, number, number]>('allocating.lines()');
    place = { file, line };
    caller = { file, line: calls };
    return async () => await scene[Symbol.asyncDispose]();
  });

  /** Traces while the program evaluates expressions; answers the last value too. */
  const trace = async (
    agent: AgentSession,
    wish: Partial<AllocationWish>,
    ...expressions: readonly string[]
  ): Promise<{ readonly report: AllocationReport; readonly answer: unknown }> => {
    const end = new AbortController();
    let ended: Promise<AllocationReport> | undefined;
    await new Promise<void>((resolve, reject) => {
      const onStarted = (): void => resolve();
      ended = agent.memory.allocations({ seconds: 600, signal: end.signal, onStarted, ...wish });
      ended.catch(reject);
    });
    let answer: unknown;
    for (const expression of expressions) answer = await scene.ask(expression);
    end.abort();
    if (ended === undefined) throw new Error('it never began');
    return { report: await ended, answer };
  };
  const siteOf = ({ sites }: AllocationReport) =>
    sites.find(({ frames }) => frames[0]?.file === place.file && [place.line, 0].includes(frames[0].line));
  const isTracing = async () => await scene.ask('allocating.is_tracing()');

  test('what is allocated and stays is told by line as the interpreter notes it, and tracing is off again', async () => {
    using agent = await scene.agent();
    const { report, answer } = await trace(
      agent,
      {},
      'allocating.keep(500)',
      'allocating.waste(500)',
      'allocating.noted()',
    );
    const site = siteOf(report);
    expect([site?.sizeChange, site?.countChange]).toEqual(answer);
    expect(site?.count).toBeGreaterThanOrEqual(500);
    expect(site?.frames).toEqual([place]);
    expect(report).toMatchObject({ reason: 'stopped', wasTracing: false, frameLimit: 1 });
    expect(report.ownBytes).toBeGreaterThan(0);
    // What was freed meanwhile is not there: less than a tenth of it.
    expect(report.sizeChange - (site?.sizeChange ?? 0)).toBeLessThan(100_000);
    expect([await isTracing(), (await agent.status()).hooks]).toEqual([false, []]);
  });

  test('by callers, by file, and until its time is over', async () => {
    using agent = await scene.agent();
    const { report } = await trace(agent, { by: 'traceback' }, 'allocating.keep_for(100)');
    const frames = siteOf(report)?.frames ?? [];
    const within = frames.findIndex(({ line }) => line === caller.line);
    expect(frames[0]).toEqual(place);
    // A comprehension was a call of its own until 3.12.
    expect(within).toBe(isSince(interpreter, '3.12') ? 1 : 2);
    expect(frames[within]).toEqual(caller);
    const whole = await trace(agent, { by: 'file' }, 'allocating.keep_for(100)');
    expect(siteOf(whole.report)?.frames).toEqual([{ ...place, line: 0 }]);
    const timed = await agent.memory.allocations({ seconds: 0.01 });
    expect([timed.reason, await isTracing()]).toEqual(['time', false]);
  });

  test('a program that traces itself goes on to do so, and only what changed is told', async () => {
    using agent = await scene.agent();
    await scene.tell('allocating.kept.clear(); _tracemalloc.start(2); allocating.keep(300); say()');
    const before = await scene.ask<readonly number[]>('allocating.noted()');
    const { report, answer } = await trace(
      agent,
      { by: 'line' },
      'allocating.keep(40)',
      'allocating.noted()',
    );
    const [size = 0, count = 0] = Object(answer);
    expect(siteOf(report)).toMatchObject({
      sizeBytes: size,
      count,
      sizeChange: size - (before[0] ?? 0),
      countChange: count - (before[1] ?? 0),
    });
    expect(report).toMatchObject({ wasTracing: true, frameLimit: 2 });
    expect(await isTracing()).toBe(true);
    await scene.tell('_tracemalloc.stop(); say()');
  });

  test('a client that goes, an agent that is detached, a hook that is removed and a fork switch it off', async () => {
    const agent = await scene.agent();
    const start = async (session: AgentSession): Promise<void> => {
      await new Promise<void>((onStarted) => {
        session.memory.allocations({ seconds: 600, onStarted: () => onStarted() }).catch(() => undefined);
      });
      expect(await isTracing()).toBe(true);
    };
    await start(agent);
    if (isSince(interpreter, '3.7')) {
      const child: number = JSON.parse(await scene.tell('fork()')).pid;
      expect(await isTracing()).toBe(false);
      process.kill(child, 'SIGKILL');
    }
    expect(await isTracing()).toBe(true);
    agent[Symbol.dispose]();
    using other = await scene.agent();
    // Each question waits for the program, so that this is no busy loop.
    for (let round = 0; round < 1000 && (await other.status()).hooks.length > 0; round += 1);
    expect(await isTracing()).toBe(false);
    await start(other);
    expect((await other.reset()).removed).toEqual(['tracemalloc']);
    expect(await isTracing()).toBe(false);
    await start(other);
    expect((await other.detach()).left).toEqual(NOTHING_LEFT);
    expect(await isTracing()).toBe(false);
  });

  // One is enough of what is the same for all.
  if (interpreter.family === '3.11')
    test('the command prints a table, and a document as its schema has it', async () => {
      const words = ['mem', `${scene.pid}`, 'alloc', '-d', '10ms'];
      const table = await runPyflight(words);
      expect(table.status).toBe(0);
      expect(table.out).toMatch(/BYTES +BLOCKS +ALLOCATED BY\n/u);
      expect(table.out).toMatch(/tracemalloc took .*; it is off again\n$/u);
      const { out } = await runPyflight([...words, '--json']);
      expect(violations('allocations', JSON.parse(out))).toEqual([]);
      expect(await isTracing()).toBe(false);
    });

  test('a program that ends meanwhile leaves no files, and that it ended is said', async () => {
    const agent = await scene.agent();
    const { directory } = await agent.status();
    const path = interpreter.root === undefined ? directory : `${interpreter.root}${directory}`;
    expect(existsSync(path)).toBe(true);
    const failure = new Promise((resolve) => {
      // On a slow machine, where the agent's thread has ended the trace when the main thread comes to it.
      const onStarted = (): void =>
        scene.target.send(
          'import posix; posix.write = lambda fd, data, write=posix.write: (write(fd, data), time.sleep(0.05)); sys.exit()',
        );
      agent.memory.allocations({ seconds: 600, onStarted }).catch(resolve);
    });
    expect(await failure).toBeInstanceOf(ProcessExitedError);
    await scene.target.ended();
    expect(existsSync(path)).toBe(false);
  });
});
