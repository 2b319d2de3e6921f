import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AgentSession,
  type CallAccount,
  EvaluationFailedError,
  type HookedFunction,
  HookRefusedError,
  NotInTargetError,
  type WatchWish,
} from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { MADE_IN_C } from '../support/made-in-c.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { SEEN_CALLS, SEEN_EXPRESSION } from '../support/seen-calls.ts';
import { loadCalled, openWatch, watchedText, watchWhile } from '../support/watching.ts';

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  let agent: AgentSession;
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    await loadCalled(scene);
    agent = await scene.agent();
  });
  afterAll(async () => {
    agent?.[Symbol.dispose]();
    await scene?.[Symbol.asyncDispose]();
  });
  const seen = async (words: readonly string[], call: string, more: Partial<WatchWish> = {}) =>
    await watchWhile({ agent, scene }, { words, expression: SEEN_EXPRESSION, ...more }, call);

  test('functions of every kind: what is seen is what happened, and nothing is changed by it', async () => {
    const signatures = await scene.ask('called.signatures()');
    for (const [words, call, answer, shown, more] of SEEN_CALLS) {
      const watched = await seen(words, call, more);
      const title = `${words.join(' ')}: ${call}`;
      expect([title, watched.answer]).toEqual([title, answer]);
      expect([title, watched.calls.map(({ value }) => watchedText(value))]).toEqual([title, shown]);
      expect(watched.account).toMatchObject({ reason: 'stopped', isRestored: true, ownFailures: 0 });
      expect(watched.account.expressionFailures).toBe(0);
    }
    expect(await scene.ask('called.changed()')).toEqual([]);
    expect(await scene.ask('called.outer.__code__.co_consts is called.OUTER_CONSTANTS')).toBe(true);
    // While they are hooked, `inspect` tells what it told before.
    const watches = await Promise.all(
      ['plain', 'numbers', 'coroutine', 'async_numbers'].map((name) =>
        openWatch(agent, { words: ['called', name] }),
      ),
    );
    expect(await scene.ask('called.signatures()')).toEqual(signatures);
    expect((await agent.status()).hooks.map(({ target }) => target).sort()).toEqual([
      'called.async_numbers',
      'called.coroutine',
      'called.numbers',
      'called.plain',
    ]);
    for (const watch of watches) await watch.stop();
    expect((await agent.status()).hooks).toEqual([]);
  });

  test('what is raised is seen, and reaches the program as it is', async () => {
    const failed = await seen(['called', 'failing'], "called.caught(called.failing, 'é')", {
      expression: 'exc',
    });
    expect(failed.answer).toEqual(['KeyError', "'é'", 'failing']);
    expect(failed.calls[0]?.error).toMatchObject({
      typeName: 'KeyError',
      text: 'é',
      frames: [{ name: 'failing' }],
    });
    const left = await seen(['called', 'leaving'], 'called.caught(called.leaving, 3)', { onlyErrors: true });
    expect(left.answer).toEqual(['SystemExit', '3', 'leaving']);
    expect(left.calls[0]?.error?.typeName).toBe('SystemExit');
    const cancelled = await seen(['called', 'cancelled'], 'called.run(called.cancelling())');
    expect(cancelled.answer).toBe('cancelled');
    expect(cancelled.calls[0]?.error?.typeName).toMatch(/CancelledError$/u);
  });

  test('generators are driven through, and those that are let go of disturb nothing', async () => {
    const alone = await scene.ask('called.driven()');
    const driven = await seen(['called', 'numbers'], 'called.driven()');
    expect(driven.answer).toEqual(alone);
    expect(driven.calls.map(({ error }) => error?.typeName)).toEqual(['ValueError']);
    const closed = await seen(['called', 'closing'], 'called.driven()', { expression: '1' });
    expect(closed.answer).toEqual(alone);
    expect(closed.calls.map(({ error }) => error?.typeName)).toEqual(['GeneratorExit']);
    const letGo = await seen(['called', 'numbers'], '[called.let_go() for _ in range(3)]');
    expect(letGo.answer).toEqual([1, 1, 1]);
    expect(letGo.account.ownFailures).toBe(0);
  });

  test('concurrent coroutines: each has its own cost, and the time that it ran', async () => {
    const watched = await seen(['called', 'coroutine'], 'called.run(called.overlapping(0.05))');
    expect(watched.answer).toEqual(['done a', 'done b', 'done c']);
    expect(watched.calls).toHaveLength(3);
    for (const { costNs, ranNs, task } of watched.calls) {
      expect(costNs).toBeGreaterThan(49_000_000);
      expect(ranNs).toBeLessThan(costNs - 40_000_000);
      expect(task).toBeDefined();
    }
  });

  test('expressions and filters that fail are told, and the calls succeed', async () => {
    const filtered = await seen(['called', 'plain'], 'called.plain(1)', { filter: 'nosuchname > 1' });
    expect(filtered.answer).toEqual([1, 2, [], 3, {}]);
    expect(filtered.account).toMatchObject({ seen: 1, matched: 0, expressionFailures: 1 });
    const shown = await seen(['called', 'plain'], 'called.plain(1)', {
      expression: "__import__('sys').exit(3)",
    });
    expect(shown.answer).toEqual([1, 2, [], 3, {}]);
    expect(shown.calls.map(({ value }) => watchedText(value))).toEqual(['SystemExit raised']);
    await expect(openWatch(agent, { words: ['called', 'plain'], filter: '1 +' })).rejects.toThrow(
      EvaluationFailedError,
    );
    // The names of the module are at hand, as they are now.
    const named = await seen(['called', 'plain'], 'called.plain(1)', {
      expression: 'func is plain, part.keywords, [a for a in args if a in args] # é',
    });
    expect(watchedText(named.calls[0]?.value)).toBe("(True, {'c': 4}, [1, 2])");
    // So are the parameters, but for those that are called as a variable of ours.
    const parameters = await seen(['called', 'plain'], 'called.plain(1, c=7)', {
      expression: '[a, c, [b + each for each in args]]',
      filter: 'c == 7 and more == {}',
    });
    expect(watchedText(parameters.calls[0]?.value)).toBe('[1, 7, [3, 4]]');
    // What an expression finds without naming it is there, too.
    const unnamed = await seen(['called', 'twice'], 'called.twice(3)', {
      expression: "sorted(locals()), eval('args'), eval('return_obj')",
    });
    expect(watchedText(unnamed.calls[0]?.value)).toBe(
      "(['args', 'cost', 'exc', 'func', 'kwargs', 'return_obj', 'target'], (3,), 6)",
    );
    const awkward = await seen(['called', 'awkward'], "called.awkward('t')", {
      expression: 'target, cost > 0',
    });
    expect(watchedText(awkward.calls[0]?.value)).toBe('(None, True)');
  });

  test('limits count what matched, and a limit that is reached ends it', async () => {
    const watch = await openWatch(agent, { words: ['called', 'twice'], filter: 'args[0] == 77', limit: 1 });
    expect(await scene.ask('sum(map(called.twice, range(100)))')).toBe(9900);
    expect(await watch.ended).toMatchObject({ reason: 'limit', seen: 78, matched: 1, shown: 1 });
    expect(await scene.ask('called.changed()')).toEqual([]);
  });

  test('every call in every thread is counted', async () => {
    // Threads take turns as often as they can.
    await scene.tell('sys.setswitchinterval(1e-5); say()');
    const watched = await seen(['called', 'twice'], 'called.in_threads(4, 500)', {
      filter: 'args[0] == 499',
    });
    expect(watched.answer).toBe(4 * 499 * 500);
    expect(watched.account).toMatchObject({ seen: 2000, matched: 4, shown: 4, ownFailures: 0 });
    const limited = await seen(['called', 'twice'], 'called.in_threads(4, 500)', { limit: 500 });
    expect(limited.account).toMatchObject({ reason: 'limit', shown: 500 });
    await scene.tell('sys.setswitchinterval(0.005); say()');
  });

  test('a signal whose handler raises while our code runs reaches the program', async () => {
    const expression = "__import__('time').sleep(20)";
    const watched = await seen(['called', 'twice'], 'called.alarmed(0.1, called.twice, 1)', { expression });
    expect(watched.answer).toMatchObject(['Overdue', 'time is up', 'ring']);
    expect(await scene.ask('called.twice(2)')).toBe(4);
  });

  test('several hooks on one function, taken out in any order', async () => {
    for (const first of [0, 1]) {
      const watches = [
        await openWatch(agent, { words: ['called', 'plain'], expression: '1' }),
        await openWatch(agent, { words: ['called', 'plain'], expression: '2', limit: 5 }),
      ];
      await scene.ask('called.plain(1)');
      await watches[first]?.stop();
      expect(await scene.ask('called.plain(1)')).toEqual([1, 2, [], 3, {}]);
      await watches[1 - first]?.stop();
      const counts = watches.map(({ calls }) => calls.length);
      expect(counts).toEqual(first === 0 ? [1, 2] : [2, 1]);
      expect(await scene.ask('called.changed()')).toEqual([]);
    }
    const removed = await openWatch(agent, { words: ['called', 'plain'] });
    expect(await agent.reset('called.p*')).toEqual({ removed: ['called.plain'], kept: [] });
    expect(await removed.ended).toMatchObject({ reason: 'removed', isRestored: true });
    expect(await scene.ask('called.changed()')).toEqual([]);
  });

  test('the main thread is named where nothing else names it', async () => {
    await scene.tell("threads = sys.modules.pop('threading'); say()");
    const watched = await seen(['called', 'twice'], 'called.twice(1)');
    await scene.tell("sys.modules['threading'] = threads; say()");
    expect(watched.calls[0]?.thread.name).toBe('MainThread');
  });

  test('a child that is forked off has no hooks', async () => {
    const watched = await seen(['called', 'plain'], 'called.in_child()');
    expect(watched.answer).toBe('([1, 2, [], 3, {}], [])');
    expect(watched.account.seen).toBe(0);
  });

  test('where looking costs more than is allowed, calls are left out or it ends, and it says so', async () => {
    const watch = await openWatch(agent, { words: ['called', 'twice'], maxOverhead: 0.01, limit: -1 });
    expect(await scene.ask('sum(map(called.twice, range(20000)))')).toBe(2 * 19999 * 10000);
    const account = await watch.stop();
    expect(account.skipped + account.seen).toBe(
      account.reason === 'overhead' ? account.skipped + account.seen : 20_000,
    );
    expect(account.skipped).toBeGreaterThan(10_000);
  });

  test('what cannot be found or hooked is said precisely', async () => {
    const failure = async (...words: string[]): Promise<NotInTargetError | HookRefusedError> => {
      const error = await agent.watch({ words }, { onCall: () => undefined }).then(
        () => new Error('it was hooked'),
        (reason: unknown) => reason,
      );
      if (!(error instanceof NotInTargetError || error instanceof HookRefusedError)) throw error;
      return error;
    };
    const refused = async (...words: string[]): Promise<string> => (await failure(...words)).message;
    expect(await refused('nosuch', 'f')).toBe('Cannot find it in the process: module nosuch is not loaded');
    expect(await refused('called', 'plane')).toContain('called has no attribute plane');
    expect(await refused('called', 'OUTER_CONSTANTS')).toContain('is no function, but of the type tuple');
    for (const [words, what] of MADE_IN_C) expect(await refused(...words)).toContain(what);
    expect(await refused('called.py:3000')).toContain('has the line 3000');
    expect(await refused('called', 'outer.<locals>.nosuch')).toContain(
      'called.outer has no function nosuch within',
    );
    expect(await failure('called')).toMatchObject({
      message: 'Cannot hook it: called is a module; name a function of it',
      functions: expect.arrayContaining(['called.plain', 'called.awkward', 'called.no_arguments']),
    });
    const { functions } = Object(await failure('asyncio.events'));
    expect(functions).toContain('asyncio.events.Handle.__init__');
    await scene.tell('sys.modules["called.hidden"] = type(sys)("called.hidden"); say()');
    expect(await refused('called.hidden')).toContain('called.hidden is a module; name a function of it');
  });

  test('a module that is not loaded yet is waited for, if that is wanted', async () => {
    const abort = new AbortController();
    const wish = { words: ['stringprep', 'map_table_b3'], lazy: true, signal: abort.signal };
    let account: Promise<CallAccount> | undefined;
    let opened: Promise<HookedFunction> | undefined;
    const said = await new Promise<string>((onWaiting, reject) => {
      opened = new Promise((onOpened, refuse) => {
        account = agent.watch(wish, { onCall: () => undefined, onOpened, onWaiting });
        account.catch(refuse);
        account.then(() => reject(new Error('it has not waited')), reject);
      });
    });
    expect(said).toBe('module stringprep is not loaded');
    expect(await scene.ask('"stringprep" in sys.modules')).toBe(false);
    await scene.tell('import stringprep; say()');
    expect((await opened)?.label).toBe('stringprep.map_table_b3');
    abort.abort();
    expect(await account).toMatchObject({ reason: 'stopped', isRestored: true });
  });

  describe.runIf(isSince(interpreter, '3.12'))('where sys.monitoring is', () => {
    test('it is refused when other tools have every number that is free', async () => {
      await scene.tell("[sys.monitoring.use_tool_id(n, 'tool %d' % n) for n in (3, 4)]; say()");
      await expect(openWatch(agent, { words: ['called', 'plain'] })).rejects.toThrow(
        "both numbers of sys.monitoring that are nobody's are taken, by tool 4 and tool 3",
      );
      await scene.tell('[sys.monitoring.free_tool_id(n) for n in (3, 4)]; say()');
      const watched = await seen(['called', 'plain'], 'called.plain(1)');
      expect(watched.account.seen).toBe(1);
      expect(await scene.ask('[sys.monitoring.get_tool(n) for n in range(6)]')).toEqual(Array(6).fill(null));
    });
  });

  describe.runIf(!isSince(interpreter, '3.12'))('where code is replaced', () => {
    test('what somebody else has put there meanwhile is left alone', async () => {
      const watch = await openWatch(agent, { words: ['called', 'twice'] });
      await scene.tell('called.twice.__code__ = (lambda a: 3 * a).__code__; say()');
      expect(await watch.stop()).toMatchObject({ isRestored: false });
      expect(await scene.ask('called.twice(2)')).toBe(6);
      await scene.tell("called.twice.__code__ = called.CODES['twice']; say()");
    });
  });

  describe.runIf(isSince(interpreter, '3.8'))('a function with positional-only parameters', () => {
    test('is seen', async () => {
      await scene.tell('exec("def only(a, b=1, /, *, c): return [a, b, c]", called.__dict__); say()');
      const watched = await seen(['called', 'only'], 'called.only(5, c=6)');
      expect(watched.answer).toEqual([5, 1, 6]);
      expect(watched.calls.map(({ value }) => watchedText(value))).toEqual([
        "((5, 1), {'c': 6}, None, [5, 1, 6])",
      ]);
    });
  });
});
