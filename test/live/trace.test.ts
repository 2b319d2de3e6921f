import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentSession, CallAccount, CallTree, HookedFunction, TraceWish } from '../../src/api/index.ts';
import { callTreeToJson } from '../../src/report/call-tree-json.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { violations } from '../support/schemas.ts';

const MODULE = 'traced_functions';

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  let agent: AgentSession;
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    await scene.tell(`import ${MODULE} as t, asyncio, cProfile; say()`);
    agent = await scene.agent();
  });
  afterAll(async () => {
    agent?.[Symbol.dispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  /** Traces a function while the program evaluates an expression about `t`, until the trace ends or the value is there. */
  const traced = async (
    words: string,
    expression: string,
    wish: Omit<TraceWish, 'words'> = {},
  ): Promise<Traced> => {
    const trees: CallTree[] = [];
    const failures: string[] = [];
    const stop = new AbortController();
    let value: unknown;
    let hooked: HookedFunction | undefined;
    let asked: Promise<void> | undefined;
    const account = await agent.trace(
      { words: [MODULE, ...words.split(' ')], ...wish, signal: stop.signal },
      {
        onCall: (tree) => trees.push(tree),
        onFailure: ({ typeName }) => failures.push(typeName),
        onOpened: (found) => {
          hooked = found;
          asked = scene.ask(expression).then((answer) => {
            value = answer;
            stop.abort();
          });
        },
      },
    );
    await asked;
    if (hooked === undefined) throw new RangeError('the trace did not begin');
    return { trees, failures, account, value, hooked };
  };

  test('shows what a call calls: methods, generators, C functions, repeated calls as one, exceptions', async () => {
    const { trees, hooked, value } = await traced('checkout', 't.checkout([1, 2])', {
      limit: 1,
      interval: 2,
    });
    expect(value).toBe(4);
    const [tree] = trees;
    if (tree === undefined) throw new RangeError('nothing was told');
    expect(tree).toMatchObject({ isComplete: true, omitted: 0, thread: { name: 'MainThread' } });
    expect(outline(tree)).toEqual([
      'checkout',
      ' Cart.total',
      '  nap',
      '   time.sleep',
      ' nap ×3',
      '  time.sleep ×3',
      ' fails ✗',
      '  nap',
      '   time.sleep',
      ' numbers',
      '  nap ×2',
      '   time.sleep ×2',
      ' sorted',
      '  slow_key ×2',
      '   nap ×2',
      '    time.sleep ×2',
    ]);
    const [root, total] = tree.calls;
    expect(root?.function.file).toBe(hooked.file);
    expect(total).toMatchObject({ calledAt: { file: hooked.file, line: (root?.function.line ?? 0) + 2 } });
    for (const call of tree.calls) expect(call.ownNs).toBeLessThanOrEqual(call.totalNs);
    const envelope = { command: 'trace', level: 'L3', pid: scene.pid, takenAt: '', problems: [] };
    expect(violations('traced-call', { ...callTreeToJson(tree, hooked), ...envelope })).toEqual([]);
  });

  test('is limited by depth or interval, does not fold on demand, and tells only what is wanted', async () => {
    const deep = await traced('checkout', 't.checkout([1])', { limit: 1, depth: 2 });
    expect(outlineOf(deep)).toContain(' numbers');
    expect(outlineOf(deep).every((line) => !line.startsWith('  '))).toBe(true);
    const single = await traced('dense', 't.dense(3)', { limit: 1, interval: 0, unfolded: true });
    expect(outlineOf(single).filter((line) => line === ' tiny')).toHaveLength(3);
    const folded = await traced('dense', 't.dense(300)', { limit: 1, interval: 0 });
    expect(outlineOf(folded)).toContain(' tiny ×300');
    const long = await traced('dense', '[t.dense(1), t.dense(2)]', { entranceTime: 1000 });
    expect(long).toMatchObject({ trees: [], account: { seen: 2, matched: 0, isRestored: true } });
    const filtered = await traced('dense', '[t.dense(n) for n in range(20)]', {
      filter: 'args[0] > 17',
      limit: 1,
    });
    expect(filtered).toMatchObject({ account: { matched: 1, shown: 1, reason: 'limit' } });
    const bad = await traced('dense', 't.dense(1)', { filter: 'nosuchname > 1' });
    expect(bad).toMatchObject({ value: 1, trees: [], failures: ['NameError'] });
  });

  test('counts what is always short, and says so where it stopped to look', async () => {
    const { trees } = await traced('dense', 't.dense(2000)', { limit: 1, interval: 50 });
    const [root] = trees[0]?.calls ?? [];
    const [unwatched] = trees[0]?.unwatched ?? [];
    if (isSince(interpreter, '3.12')) {
      expect(unwatched?.function.name).toBe('tiny');
      expect(root?.hidden.count).toBeGreaterThanOrEqual(unwatched?.count ?? 0);
      const later = await traced('dense', '[t.dense(2000) for _ in range(8)]', { limit: 8, interval: 50 });
      const names = later.trees.map((tree) => tree.unwatched[0]?.function.name);
      expect(names).toEqual(Array.from({ length: 8 }, () => 'tiny'));
      return;
    }
    expect(unwatched).toBeUndefined();
    expect(root?.hidden.count).toBeGreaterThanOrEqual(2000);
    const more = await traced('dense', '[t.dense(2000) for _ in range(4)]', { limit: 4, interval: 50 });
    const counts = more.trees.map(({ calls, cut }) => [(calls[0]?.hidden.count ?? 0) >= 2000, cut.length]);
    expect(counts).toEqual([true, true, false, false].map((isWhole) => [isWhole, isWhole ? 0 : 1]));
  });

  test('takes calls of a function below itself as part of the outer one', async () => {
    const { trees, account } = await traced('fib', '[t.fib(6), t.fib(5)]', { limit: 2, interval: 0 });
    expect(account).toMatchObject({ seen: 2, shown: 2 });
    expect(trees.map(({ calls }) => calls.length)).toEqual([6, 5]);
    expect(outline(trees[0])).toEqual([
      'fib',
      ' fib ×2',
      '  fib ×4',
      '   fib ×8',
      '    fib ×8',
      '     fib ×2',
    ]);
  });

  test('names the exception that leaves the call in all that it has passed', async () => {
    const { trees, account, value } = await traced('breaks', 't.failure_of(t.breaks)', {
      limit: 1,
      onlyErrors: true,
    });
    expect(value).toBe('ValueError');
    expect(account).toMatchObject({ matched: 1 });
    expect(trees[0]?.calls.map(({ error }) => error?.typeName)).toEqual([
      'ValueError',
      undefined,
      undefined,
      'ValueError',
      undefined,
      undefined,
    ]);
  });

  test('gives each of several overlapping coroutines its own tree', async () => {
    const { trees, value } = await traced('handler', 't.run(t.together())', { limit: 3, interval: 2 });
    expect(value).toEqual([0, 1, 2]);
    expect(trees).toHaveLength(3);
    for (const tree of trees) {
      expect(tree.calls[0]?.totalNs).toBeGreaterThan(40e6);
      const [first, second, ...more] = tree.calls.filter(({ kind }) => kind === 'await');
      expect(more).toEqual([]);
      for (const each of [first, second]) expect(each?.totalNs).toBeGreaterThan(15e6);
      expect(outline(tree).filter((line) => /^ \S/u.test(line))).toEqual([' pause', ' nap', ' pause']);
    }
    const cancelled = await traced('endless', 't.run(t.stopped())', { limit: 1, interval: 2 });
    expect(cancelled.value).toBe('cancelled');
    // Whether an exception that is thrown into a chain of coroutines is seen in the inner ones depends on the version.
    expect(outlineOf(cancelled).map((line) => line.replace(' ✗', ''))).toEqual([
      'endless',
      ' sleep',
      '  [await]',
    ]);
    expect(cancelled.trees[0]?.calls[0]?.error?.typeName).toContain('CancelledError');
  });

  test('keeps threads apart', async () => {
    const { trees } = await traced('Cart nothing', 't.in_threads(t.Cart.nothing, 4)', {
      limit: 4,
      interval: 2,
    });
    expect(trees.map(({ thread }) => thread.name).sort()).toEqual([0, 1, 2, 3].map((n) => `worker ${n}`));
    for (const tree of trees) expect(outline(tree)).toEqual(['Cart.nothing', ' nap', '  time.sleep']);
  });

  test('leaves other profilers as they were', async () => {
    await scene.tell('asked = []; say()');
    await scene.tell('probe = lambda frame, event, arg: asked.append(event); say()');
    const chained = await traced(
      'dense',
      '[sys.setprofile(probe), t.dense(3), sys.getprofile() is probe, sys.setprofile(None)]',
      { limit: 1 },
    );
    expect(chained.value).toEqual([null, 3, true, null]);
    expect(await scene.ask<number>('asked.count("call")')).toBeGreaterThanOrEqual(5);
    await scene.tell('profiler = cProfile.Profile(); say()');
    const active = await traced(
      'dense',
      '[profiler.enable(), t.dense(3), t.nap(), profiler.disable(), sys.getprofile() is None]',
      { limit: 1 },
    );
    expect(active.value).toEqual([null, 3, null, null, true]);
    expect(outlineOf(active)).toContain(' nap');
    expect(await scene.ask('"nap" in [getattr(e.code, "co_name", "") for e in profiler.getstats()]')).toBe(
      true,
    );
  });

  test('lets through what signal handlers raise', async () => {
    const { value } = await traced('until_alarm', 't.alarms(20)', { interval: 0, maxOverhead: undefined });
    expect(value).toBe(20);
  });

  test('is on twice at the same time, on a function and on one that it calls', async () => {
    const inner: CallTree[] = [];
    const stop = new AbortController();
    const other = agent.trace(
      { words: [MODULE, 'fails'], interval: 2, signal: stop.signal },
      { onCall: (tree) => inner.push(tree) },
    );
    const outer = await traced('checkout', 't.checkout([1])', { limit: 1, interval: 2 });
    stop.abort();
    expect(await other).toMatchObject({ seen: 1, isRestored: true });
    expect(outline(inner[0])).toEqual(['fails ✗', ' nap', '  time.sleep']);
    const lines = outlineOf(outer);
    const at = lines.indexOf(' fails ✗');
    expect(lines.slice(at, at + 3)).toEqual([' fails ✗', '  nap', '   time.sleep']);
  });

  test('goes on and off under load', async () => {
    await scene.tell('going = [True]; say()');
    await scene.tell('work = lambda: [t.dense(50) for _ in iter(lambda: going[0], False)]; say()');
    await scene.tell('[beside(work) for _ in range(3)]; say()');
    for (let round = 0; round < 10; round += 1) {
      const trees: CallTree[] = [];
      const limit = 3;
      const account = await agent.trace(
        { words: [MODULE, 'dense'], limit, interval: round % 2 },
        { onCall: (tree) => trees.push(tree) },
      );
      expect(account).toMatchObject({ shown: limit, isRestored: true, ownFailures: 0 });
      for (const tree of trees) expect(tree).toMatchObject({ isComplete: true });
    }
    await scene.tell('going[0] = False; say()');
    expect(await scene.ask('t.dense(1)')).toBe(1);
  });

  test('holds no memory after many calls, and leaves nothing behind', async () => {
    const code = await scene.ask('id(t.step.__code__)');
    const wish = { limit: -1, filter: 'False' } as const;
    await traced('step', 't.run(t.steps(1000))', wish);
    const before = residentKib(scene.pid);
    const { account, value } = await traced('step', 't.run(t.steps(3000))', wish);
    expect(value).toBe(3000);
    expect(account.isRestored).toBe(true);
    expect(residentKib(scene.pid) - before).toBeLessThan(1500);
    expect(await scene.ask('id(t.step.__code__)')).toBe(code);
    expect(await scene.ask('sys.getprofile() is None')).toBe(true);
    if (isSince(interpreter, '3.12'))
      expect(await scene.ask('[sys.monitoring.get_tool(n) for n in range(6)]')).toEqual(Array(6).fill(null));
  });
});

interface Traced {
  readonly trees: readonly CallTree[];
  readonly failures: readonly string[];
  readonly account: CallAccount;
  readonly value: unknown;
  readonly hooked: HookedFunction;
}

/** Of the standard library, and long only on a machine that is busy. */
const OFTEN_SHORT = /^(?:BaseEventLoop|TimerHandle|Handle|sum|str)\b/u;

/** A line for each call: a blank for each level, its name, how many there are and whether it failed. */
function outline(tree: CallTree | undefined): readonly string[] {
  const calls = (tree?.calls ?? []).filter(({ function: { name } }) => !OFTEN_SHORT.test(name));
  return calls.map(
    ({ depth, function: called, count, error }) =>
      `${' '.repeat(depth)}${called.name}${count === 1 ? '' : ` ×${count}`}${error === undefined ? '' : ' ✗'}`,
  );
}

function outlineOf({ trees }: Traced): readonly string[] {
  return outline(trees[0]);
}

function residentKib(pid: number): number {
  const [, kib] = /^VmRSS:\s+([0-9]+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib);
}
