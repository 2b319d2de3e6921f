import { beforeAll, expect, test } from 'vitest';
import type {
  AgentSession,
  CallAccount,
  CallerCounts,
  CallerReport,
  CallInterval,
} from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { runProgram } from '../support/program-run.ts';
import { violations } from '../support/schemas.ts';
import { loadCalled } from '../support/watching.ts';

/** One of each way to see calls. */
const ENGINES = ['3.8', '3.13'];

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

  test('monitor counts calls, failures by their class, times, and calls that go on', async () => {
    const intervals: CallInterval[] = [];
    const abort = new AbortController();
    let ended: Promise<CallAccount> | undefined;
    await new Promise<void>((resolve) => {
      const onOpened = (): void => resolve();
      const onCall = (interval: CallInterval): number => intervals.push(interval);
      const wish = { words: ['called', 'coroutine'], everySeconds: 3600, signal: abort.signal };
      ended = agent.monitor(wish, { onOpened, onCall });
    });
    await scene.ask('called.begin_waiting()');
    await scene.ask(
      "called.run(called.overlapping(0.02)) + [called.caught(called.run, called.coroutine('x', 'no number'))]",
    );
    abort.abort();
    expect(await ended).toMatchObject({ reason: 'stopped', seen: 4, isRestored: true, ownFailures: 0 });
    expect(intervals).toHaveLength(1);
    const [{ costs, ...interval } = {}] = intervals;
    expect(interval).toMatchObject({
      calls: 4,
      inFlight: 1,
      failures: [{ typeName: 'TypeError', count: 1 }],
    });
    expect(costs?.mostNs).toBeGreaterThan(19_000_000);
    expect(costs?.p50Ns).toBeGreaterThan(19_000_000);
    await scene.ask('called.end_waiting()');
  });

  test('callers counts the ways by which a function is called', async () => {
    let report: Promise<CallerReport> | undefined;
    await new Promise<void>((resolve) => {
      const wish = { words: ['called', 'twice'], limit: 8, depth: 2 };
      report = agent.callers(wish, { onOpened: () => resolve() });
    });
    await scene.tell(
      'exec("def by_name(a):\\n  return called.twice(a)\\ndef by_other(a):\\n  return called.twice(a)"); say()',
    );
    expect(await scene.ask('[[by_name(i) for i in range(6)], [by_other(i) for i in range(3)]]')).toEqual([
      [0, 2, 4, 6, 8, 10],
      [0, 2, 4],
    ]);
    const { account, paths, others } = (await report) ?? {};
    expect([account?.reason, account?.shown, others]).toEqual(['limit', 8, 0]);
    expect(paths?.map(({ calls, frames }) => [calls, frames[0]?.name])).toEqual([
      [6, 'by_name'],
      [2, 'by_other'],
    ]);
    expect(await scene.ask('called.changed()')).toEqual([]);
  });
});

const killed = findInterpreters().filter(
  ({ family, root }) => root === undefined && ENGINES.includes(family),
);

test.each(killed)('callers shows what it had counted when $name is killed', async (interpreter) => {
  await using scene = await AgentScene.open(interpreter);
  await loadCalled(scene);
  using agent = await scene.agent();
  const env = { XDG_STATE_HOME: process.env['XDG_STATE_HOME'] ?? '' };
  const run = runProgram(['callers', `${scene.pid}`, 'called', 'twice', '-d', '1', '--json'], { env });
  await run.firstOutput;
  // Opened after the program's own, so that it is told later.
  const counted = new Promise<CallerCounts>((resolve, reject) => {
    const onOpened = (): void => scene.target.send('[called.twice(i) for i in range(3)]');
    agent.callers({ words: ['called', 'twice'], depth: 1 }, { onOpened, onCounts: resolve }).catch(reject);
  });
  expect((await counted).paths).toMatchObject([{ calls: 3, failed: 0 }]);
  process.kill(scene.pid, 'SIGKILL');
  const { status, out, notes } = await run.ended;
  const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
  expect(violations('callers', last)).toEqual([]);
  expect(last).toMatchObject({ event: 'counted', others: 0, paths: [{ calls: 3 }] });
  expect([status, notes]).toEqual([3, expect.stringMatching(/^note: .+\nerror: .+ended/u)]);
});
