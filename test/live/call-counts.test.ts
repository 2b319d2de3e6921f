import { beforeAll, expect, test } from 'vitest';
import type { AgentSession, CallAccount, CallerReport, CallInterval } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { loadCalled } from '../support/watching.ts';

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
