import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AgentSession,
  type CallAccount,
  type CallDetails,
  type CallRecords,
  type HookedFunction,
  NotInTargetError,
  type RecordedCall,
  type RecordingWish,
  type RecordStore,
  ReplayRefusedError,
} from '../../src/api/index.ts';
import { budgetOf } from '../../src/model/value-extent.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { violations } from '../support/schemas.ts';
import { loadCalled, watchedText } from '../support/watching.ts';

/** What a recording has told, and what the program has answered meanwhile. */
interface Recorded {
  readonly calls: readonly RecordedCall[];
  readonly account: CallAccount;
  readonly store: RecordStore;
  readonly answer: unknown;
}

const SHOWN = { budget: budgetOf({ depth: 4 }) };

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  let agent: AgentSession;
  let records: CallRecords;
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    await loadCalled(scene);
    agent = await scene.agent();
    records = await agent.openRecords();
  });
  afterAll(async () => {
    agent[Symbol.dispose]();
    await scene[Symbol.asyncDispose]();
  });

  /** Records while the program evaluates an expression. */
  const recordWhile = async (wish: RecordingWish, expression: string): Promise<Recorded> => {
    const abort = new AbortController();
    const calls: RecordedCall[] = [];
    let ending: ReturnType<AgentSession['record']> | undefined;
    await new Promise<HookedFunction>((resolve, reject) => {
      ending = agent.record(
        { ...SHOWN, ...wish, signal: abort.signal },
        { onOpened: resolve, onCall: (call) => calls.push(call) },
      );
      ending.catch(reject);
    });
    // The function is hooked right after it was told, before the next request is read.
    await agent.status();
    const answer = await scene.ask(expression);
    abort.abort();
    if (ending === undefined) throw new Error('it never began');
    return { calls, answer, ...(await ending) };
  };

  const lastIndex = ({ calls }: Recorded): number => calls.at(-1)?.index ?? -1;

  const textOf = ({ target, args, kwargs, result, error }: CallDetails): string =>
    [target, args, kwargs, result].map((each) => (each === undefined ? '-' : watchedText(each))).join(' ') +
    (error === undefined ? '' : ` ${error.typeName}`);

  test('calls are recorded from 1000 on, listed for every client, shown, filtered and let go of', async () => {
    const awkward = await recordWhile(
      { words: ['called', 'awkward'] },
      "called.awkward('t', cost='c', kwargs='k')",
    );
    expect(awkward.answer).toEqual(['t', 1, 'c', 3, 'k']);
    expect(awkward.calls).toMatchObject([{ index: 1000, label: 'called.awkward', path: ['awkward'] }]);
    expect(textOf(await records.show(1000, SHOWN))).toBe(
      "- ('t', 1) {'cost': 'c', 'args': 3, 'kwargs': 'k'} ['t', 1, 'c', 3, 'k']",
    );
    const failing = await recordWhile({ words: ['called', 'failing'] }, "called.caught(called.failing, 'x')");
    expect(failing.answer).toEqual(['KeyError', "'x'", 'failing']);
    const shown = await records.show(1001, { ...SHOWN, repr: true });
    expect(textOf(shown)).toBe("- ('x',) {} - KeyError");
    expect(shown.error?.frames.map(({ name }) => name)).toEqual(['failing']);
    const method = await recordWhile({ words: ['called', 'Derived', 'method'] }, 'called.derived.method(2)');
    expect(await records.show(lastIndex(method), { repr: true })).toMatchObject({
      path: ['Derived', 'method'],
      asOf: 'now',
      thread: { name: 'MainThread' },
      target: { kind: 'value' },
    });
    await recordWhile({ words: ['called', 'Base', 'static'] }, 'called.base.static(1)');
    // A failing filter never comes to the program.
    const filtered = await recordWhile({ words: ['called', 'twice'], filter: 'nonsense' }, 'called.twice(2)');
    expect([filtered.answer, filtered.calls, filtered.account.expressionFailures]).toEqual([4, [], 1]);

    using other = await scene.agent();
    const theirs = await other.openRecords();
    const all = await theirs.list();
    expect(all.records.map(({ index }) => index)).toEqual([1000, 1001, 1002, 1003]);
    expect((await theirs.list({ filter: "exc.args == ('x',)" })).records.map(({ index }) => index)).toEqual([
      1001,
    ]);
    expect(
      await theirs.list({ filter: 'args[0] == 2 and return_obj and cost >= 0 and target and func' }),
    ).toMatchObject({
      records: [{ index: 1002 }],
      failures: 0,
    });
    expect((await theirs.list({ method: 'called.None.awk*' })).records).toHaveLength(1);
    expect((await other.status()).records).toMatchObject({ count: 4, dropped: 0 });
    // A parameter by its name.
    expect((await theirs.list({ filter: 'key == "x"' })).records.map(({ index }) => index)).toEqual([1001]);
    await theirs.delete(1000);
    await expect(records.show(1000)).rejects.toThrow(NotInTargetError);
    expect(await records.clear()).toBe(3);
    expect((await theirs.list()).store).toMatchObject({ count: 0, bytes: 0 });
  });

  test('without a copy the objects are shown as they are now; a copy stays as it was', async () => {
    await scene.tell('called.items = [1]; say()');
    const plain = await recordWhile({ words: ['called', 'no_change'], lazy: false }, '1').catch(
      (error) => error,
    );
    expect(plain).toBeInstanceOf(NotInTargetError);
    const live = await recordWhile({ words: ['called', 'changing'] }, 'called.changing(called.items)');
    const copied = await recordWhile(
      { words: ['called', 'changing'], copy: true },
      'called.changing(called.items)',
    );
    const deep = await recordWhile(
      { words: ['called', 'changing'], deepCopy: true },
      'called.changing(called.items)',
    );
    await scene.tell('called.items.append(2); say()');
    expect(textOf(await records.show(lastIndex(live), SHOWN))).toBe("- ([1, 2],) {} [1, 'rebound']");
    const then = await records.show(lastIndex(copied), SHOWN);
    expect([textOf(then), then.asOf, then.isCopied]).toEqual(["- ([1],) {} [1, 'rebound']", 'entry', true]);
    const seconds = 30;
    expect(textOf(await records.replay(lastIndex(copied), { ...SHOWN, seconds }))).toBe(
      "- ([1, 2],) {} [1, 2, 'rebound']",
    );
    for (const _ of [1, 2])
      expect(textOf(await records.replay(lastIndex(deep), { ...SHOWN, seconds }))).toBe(
        "- ([1],) {} [1, 'rebound']",
      );
  });

  test('a replay calls that very function, says what it did, and ends at its time limit', async () => {
    const seconds = 30;
    const inner = await recordWhile(
      { words: ['called', 'outer'], nested: ['inner'] },
      'called.outer(4) + called.outer(5)',
    );
    const [first, second] = inner.calls;
    for (const [call, value] of [
      [first, '6'],
      [second, '7'],
    ] as const) {
      const again = await records.replay(call?.index ?? 0, { ...SHOWN, seconds });
      expect([textOf(again), again.replayOf]).toEqual([`- (1,) {} ${value}`, call?.index]);
    }
    const adders = await recordWhile(
      { words: ['called', 'add_ten'] },
      'called.add_one(4) + called.add_ten(5)',
    );
    expect(textOf(await records.replay(lastIndex(adders), { ...SHOWN, seconds }))).toBe('- (5,) {} 15');
    const made = await recordWhile({ words: ['called', 'numbers'] }, 'list(called.numbers(2))');
    expect(made.answer).toEqual([0, 1]);
    expect((await records.replay(lastIndex(made), { ...SHOWN, seconds })).notes.join()).toContain(
      'a generator',
    );
    const failed = await recordWhile({ words: ['called', 'leaving'] }, 'called.caught(called.leaving, 3)');
    expect((await records.replay(lastIndex(failed), { ...SHOWN, seconds })).error?.typeName).toBe(
      'SystemExit',
    );
    await scene.tell(
      'called.runs = False; exec("def endless():\\n  while called.runs: pass", globals()); say()',
    );
    const endless = await recordWhile({ words: ['__main__', 'endless'] }, 'endless()');
    await scene.tell('called.runs = True; say()');
    await expect(records.replay(lastIndex(endless), { seconds: 0.2 })).rejects.toThrow(ReplayRefusedError);
    await scene.tell('called.runs = False; say()');
    expect((await agent.status()).running).toEqual([]);
    expect(await scene.ask('called.changed()')).toEqual([]);
  });

  test('a coroutine is repeated in its loop, and in one of its own when that has ended', async () => {
    const seconds = 30;
    await scene.tell('called.loop = called.asyncio.new_event_loop(); beside(called.loop.run_forever); say()');
    const call = "called.asyncio.run_coroutine_threadsafe(called.coroutine('x'), called.loop).result()";
    const recorded = await recordWhile({ words: ['called', 'coroutine'] }, call);
    expect(recorded.calls).toMatchObject([{ kind: 'coroutine', label: 'called.coroutine' }]);
    const again = await records.replay(lastIndex(recorded), { ...SHOWN, seconds });
    expect(textOf(again)).toBe("- ('x', 0) {} 'done x'");
    // It was suspended once.
    expect(again.ranNs).toBeLessThan(again.costNs);
    expect([again.thread.id, again.notes.join()]).toEqual([
      recorded.calls[0]?.thread.id,
      expect.stringContaining('where it had run;'),
    ]);
    const long = await recordWhile({ words: ['called', 'cancelled'] }, 'called.run(called.cancelling())');
    expect(long.answer).toBe('cancelled');
    await expect(records.replay(lastIndex(long), { seconds: 0.2 })).rejects.toThrow(ReplayRefusedError);
    await scene.tell('called.loop.call_soon_threadsafe(called.loop.stop); say()');
    await scene.tell('[None for _ in iter(called.loop.is_running, False)]; called.loop.close(); say()');
    const elsewhere = await records.replay(lastIndex(recorded), { ...SHOWN, seconds });
    expect([textOf(elsewhere), elsewhere.notes.join()]).toEqual([
      "- ('x', 0) {} 'done x'",
      expect.stringContaining('one of its own'),
    ]);
  });

  test('calls that several threads make while others are told of are told, too', async () => {
    await records.clear();
    const recorded = await recordWhile(
      { words: ['called', 'twice'], limit: -1, maxOverhead: undefined },
      '[sys.setswitchinterval(1e-6), called.in_threads(4, 500), sys.setswitchinterval(0.005)][1]',
    );
    expect(recorded.answer).toBe(4 * 499 * 500);
    expect(recorded.calls.length).toBeGreaterThan(100);
    expect(await records.clear()).toBeGreaterThanOrEqual(recorded.calls.length);
  });

  test('records stay within their budget, and go with the agent and in forked children', async () => {
    const full = await recordWhile(
      { words: ['called', 'twice'], keepBytes: 500_000, limit: -1 },
      'len([called.twice(bytes(200000)) for _ in range(8)])',
    );
    expect(full.answer).toBe(8);
    expect(full.store.bytes).toBeLessThanOrEqual(500_000);
    expect(full.store.dropped + full.account.dropped).toBeGreaterThan(0);
    await records.clear();
    await scene.tell('import weakref, gc; say()');
    await recordWhile(
      { words: ['called', 'Base', 'method'], keepBytes: 2 ** 26 },
      "[(setattr(called, 'ref', weakref.ref(each)), each.method(1)) for each in [called.Base('kept')]] and 1",
    );
    expect(await scene.ask('called.ref() is not None')).toBe(true);
    if (isSince(interpreter, '3.7')) {
      await scene.tell(
        'exec("def child():\\n  r, w = os.pipe()\\n  if os.fork() == 0:\\n    os.write(w, repr(called.ref()).encode()); os._exit(0)\\n  os.wait(); return os.read(r, 99).decode()", globals()); say()',
      );
      expect(await scene.ask('child()')).toBe('None');
      expect(await scene.ask('called.ref() is not None')).toBe(true);
    }
    // What the command line makes of it is the same everywhere.
    if (isSince(interpreter, '3.14')) await commandLines(scene.pid);
    expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
    expect(await scene.ask('[called.ref() is None, called.changed()]')).toEqual([true, []]);
  });
});

async function commandLines(pid: number): Promise<void> {
  const words = ['tt', `${pid}`];
  const kept = await runPyflight([...words, '-t', '__main__', 'fail', '--for', '50ms', '--jsonl']);
  for (const line of kept.out.trim().split('\n')) expect(violations('records', JSON.parse(line))).toEqual([]);
  expect(JSON.parse(kept.out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    reason: 'time',
    store: { count: 1 },
  });
  const table = await runPyflight([...words, '-l']);
  expect(table.out).toMatch(
    /^ INDEX {4}LOCAL TIME .*\n─+\n \d{4} .* called {2,}Base {2,}method {2,}MainThread\n$/u,
  );
  const listed = await runPyflight([...words, '-l', '--jsonl']);
  expect(violations('records', JSON.parse(listed.out))).toEqual([]);
  const index: string = JSON.parse(listed.out).records.at(-1).index;
  const shown = await runPyflight([...words, '-i', `${index}`, '--jsonl']);
  expect(violations('records', JSON.parse(shown.out))).toEqual([]);
  expect(await runPyflight([...words, '-i', `${index}`, '-p'])).toMatchObject({ status: 2, out: '' });
  const again = await runPyflight([...words, '-i', `${index}`, '-p', '--yes', '--jsonl']);
  expect(JSON.parse(again.out)).toMatchObject({ level: 'L4', record: { replayOf: index } });
  expect(await runPyflight([...words, '-i', '1'])).toMatchObject({ status: 7 });
  expect(await runPyflight([...words, '-l', '-i', '1'])).toMatchObject({ status: 2 });
}
