import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentSession, NotReloadableError, type ReloadReport } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { until } from '../support/counting-target.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { RELOAD_ROWS } from '../support/reload-rows.ts';
import { watchedText } from '../support/watching.ts';

/** What the program is told before all else: where its modules lie, and how tests look at them. */
const PRELUDE = `
import asyncio, importlib, shutil, tempfile, traceback
D = tempfile.mkdtemp(prefix='pyflight-réload-')
sys.path.insert(0, D)
importlib.invalidate_caches()

def put(name, data):
    with open(D + '/' + name + '.py', 'wb') as file:
        file.write(data if type(data) is bytes else data.encode('utf-8'))
    importlib.invalidate_caches()

def line_of_error(function):
    try:
        function(0)
    except ZeroDivisionError:
        return traceback.extract_tb(sys.exc_info()[2])[-1][1]

def ended(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value

def storm(function):
    ended, seen = threading.Event(), set()
    def run():
        while not ended.is_set():
            try:
                seen.add(function(1))
            except Exception as error:
                seen.add(repr(error))
    threads = [threading.Thread(target=run, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    def end():
        ended.set()
        for thread in threads:
            thread.join()
        return sorted(seen, key=str)
    return end

def begin(function):
    started, released, seen = threading.Event(), threading.Event(), []
    thread = threading.Thread(target=lambda: seen.append(function(started, released)), daemon=True)
    thread.start()
    started.wait()
    return released, thread, seen
`;

/** Where the agent is awaited to leave by itself, which takes a second: 3.6 keeps what it leaves in another way. */
const LEASE_FAMILIES: ReadonlySet<string> = new Set(['3.6', '3.13']);

/** A text as Python writes it: JSON does so too. */
const python = (text: string): string => JSON.stringify(text);

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  let agent: AgentSession;
  let count = 0;

  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    await scene.tell(`exec(${python(PRELUDE)}); say()`);
    agent = await scene.agent();
  });
  afterAll(async () => {
    agent?.[Symbol.dispose]();
    if (scene !== undefined) await scene.tell('shutil.rmtree(D); say()');
    await scene?.[Symbol.asyncDispose]();
  });

  /** Writes a module; `b'…'` is Python's own text for bytes. */
  const put = async (name: string, text: string): Promise<void> => {
    await scene.tell(`put(${python(name)}, ${text.startsWith("b'") ? text : python(text)}); say()`);
  };
  const makeModule = async (text: string): Promise<string> => {
    count += 1;
    const name = `m${count}`;
    await put(name, text);
    await scene.tell(`m = importlib.import_module(${python(name)}); say()`);
    return name;
  };
  const reload = async (module: string, path: string, more = {}): Promise<ReloadReport> =>
    await agent.reload({ words: [module, path], ...more });
  /** What the program says next is this alone: nothing else has come to its output. */
  const expectSilence = async (): Promise<void> => {
    expect(await scene.ask('"here"')).toBe('here');
  };

  describe('reload() takes over', () => {
    const rows = RELOAD_ROWS.filter(({ since = '3.6' }) => isSince(interpreter, since));
    test.each(rows)('$title', async ({ before, after, path, verdict, look = '0', seen, line }) => {
      const module = await makeModule(before);
      const first = await scene.ask(look);
      await put(module, after);
      if (typeof verdict !== 'string') {
        await expect(reload(module, path)).rejects.toThrow(NotReloadableError);
        await expect(reload(module, path, { dryRun: true })).rejects.toThrow(verdict);
        expect(await scene.ask(look)).toEqual(first);
        return;
      }
      const planned = await reload(module, path, { dryRun: true, line });
      expect(planned).toMatchObject({ verdict, isApplied: false, label: `${module}.${path}` });
      expect(await scene.ask(look)).toEqual(first);
      const done = await reload(module, path, { line });
      expect(done).toMatchObject({ verdict, isApplied: verdict !== 'unchanged' });
      if (seen !== undefined) expect(await scene.ask(look)).toEqual(seen);
      expect(await reload(module, path, { line })).toMatchObject({ verdict: 'unchanged', isApplied: false });
      if (verdict === 'unchanged') return;
      expect(await reload(module, path, { undo: true })).toMatchObject({ verdict: 'undone', undoable: 0 });
      expect(await scene.ask(look)).toEqual(first);
      await expect(reload(module, path, { undo: true })).rejects.toThrow('nothing of it was reloaded');
      await expectSilence();
    });
  });

  test('reload() reads files in the encoding that they declare', async () => {
    const module = await makeModule('def f(): return 1\n');
    await put(module, String.raw`b'# -*- coding: latin-1 -*-\ndef f():\n    return u\'\xe9\'\n'`);
    expect(await reload(module, 'f')).toMatchObject({ source: "def f():\n    return u'é'" });
    expect(await scene.ask('m.f()')).toBe('é');
    await put(module, String.raw`b'\xef\xbb\xbfdef f():\r\n    return \'\xc3\xa9t\xc3\xa9\'\r\n'`);
    const again = await reload(module, 'f');
    expect(again).toMatchObject({
      source: "def f():\n    return 'été'",
      oldSource: "def f():\n    return u'é'",
    });
    expect(await scene.ask('m.f()')).toBe('été');
    await put(module, String.raw`b'def f():\n    return \'\xff\'\n'`);
    await expect(reload(module, 'f')).rejects.toThrow(/has a syntax error/u);
    await expectSilence();
  });

  test('reload() knows the old source when Python has shown it in a traceback, and so what else has changed', async () => {
    const module = await makeModule(`def d(f): return f\n@d\ndef f(x, c=d([])):\n    return 1 / x\n`);
    await scene.tell('import linecache; linecache.getlines(m.__file__); say()');
    await put(module, `def d(f): return f\n@d\n@d\ndef f(x, c=d([5])):\n    return 1 / x\n`);
    expect(await reload(module, 'f')).toMatchObject({
      oldSource: '@d\ndef f(x, c=d([])):\n    return 1 / x',
      areDecoratorsChanged: true,
      values: [{ name: 'c', action: 'computed' }],
    });
    expect(await scene.ask('m.f.__defaults__')).toEqual([[5]]);
  });

  test('reload() keeps a default that calls something, unless all are wanted anew', async () => {
    const module = await makeModule(
      'made = []\ndef g():\n    made.append(1)\n    return len(made)\ndef f(x, c=g()): return c\n',
    );
    await put(
      module,
      'made = []\ndef g():\n    made.append(1)\n    return len(made)\ndef f(x, c=g()): return -c\n',
    );
    expect(await reload(module, 'f')).toMatchObject({ values: [{ name: 'c', action: 'kept' }] });
    expect(await scene.ask('[m.f(0), m.made]')).toEqual([-1, [1]]);
    expect(await reload(module, 'f', { defaults: true })).toMatchObject({
      verdict: 'changed',
      values: [{ name: 'c', action: 'computed' }],
    });
    expect(await scene.ask('m.f(0)')).toBe(-2);
  });

  test('reload() lets calls that run end in their old code, and changes all that have it', async () => {
    const text = `def outer():
    def f(started, released):
        started.set()
        released.wait()
        return 'old'
    return f
f, g = outer(), outer()
`;
    const module = await makeModule(text);
    await scene.tell('released, thread, seen = begin(m.f); say()');
    await put(module, text.replace("'old'", "'new'"));
    expect(await reload(module, 'f')).toMatchObject({ functions: 2, runningThreads: 1 });
    await scene.tell('released.set(); thread.join(); say()');
    expect(await scene.ask('seen')).toEqual(['old']);
    await scene.tell('released, thread, seen = begin(m.g); released.set(); thread.join(); say()');
    expect(await scene.ask('seen')).toEqual(['new']);
  });

  // Without a GIL they run on while a function is changed, part by part.
  test.skipIf(interpreter.isFreeThreaded)(
    'calls of other threads see the function of before or that of afterwards, and never a half of each',
    async () => {
      const [old, young] = ['def f(x):\n    return x\n', 'def f(x, y=2, *, z=3):\n    return x + y * z\n'];
      const module = await makeModule(old);
      await scene.tell('sys.setswitchinterval(0.00001); end = storm(m.f); say()');
      for (let round = 0; round < 10; round += 1) {
        await put(module, young);
        expect(await reload(module, 'f')).toMatchObject({ verdict: 'changed' });
        await put(module, old);
        expect(await reload(module, 'f', { undo: round % 2 === 0 })).toMatchObject({ isApplied: true });
      }
      expect(await scene.ask('[sys.setswitchinterval(0.005), end()][1]')).toEqual([1, 7]);
    },
  );

  test('reload() refuses what was never in a file, or is not where it was', async () => {
    const module = await makeModule(
      'def f(): return 1\nexec("def made(): pass")\nfrom math import sqrt\nlamb = lambda: 1\n',
    );
    await expect(reload(module, 'made')).rejects.toThrow('it was made by the program, from <string>');
    await expect(reload(module, 'sqrt')).rejects.toThrow('made in C');
    await expect(reload(module, 'lamb')).rejects.toThrow('lambda');
    await scene.tell('os.unlink(m.__file__); say()');
    await expect(reload(module, 'f')).rejects.toThrow('No such file');
    await scene.tell('os.mkfifo(m.__file__); say()');
    await expect(reload(module, 'f')).rejects.toThrow('no ordinary file');
  });

  test('a watch goes on through reload and undo, and the new code stays when it ends', async () => {
    const text = 'def f(x, y=1):\n    return x\n';
    const module = await makeModule(text);
    let seen = 0;
    const end = new AbortController();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const account = agent.watch(
      { words: [module, 'f'], signal: end.signal },
      {
        onOpened: open,
        onCall: () => {
          seen += 1;
        },
      },
    );
    await opened;
    expect(await scene.ask('m.f(1)')).toBe(1);
    await put(module, '\n\ndef f(x, y=2, *, z=0):\n    return 10 / x + y\n');
    expect(await reload(module, 'f')).toMatchObject({ verdict: 'changed', line: 3 });
    expect(
      await scene.ask('[m.f(5), line_of_error(m.f), str(__import__("inspect").signature(m.f))]'),
    ).toEqual([4, 4, '(x, y=2, *, z=0)']);
    expect(await reload(module, 'f')).toMatchObject({ verdict: 'unchanged' });
    await reload(module, 'f', { undo: true });
    expect(await scene.ask('[m.f(7), line_of_error(m.f)]')).toEqual([7, null]);
    await reload(module, 'f');
    await until(() => seen === 5, 'the watch has told of its calls');
    end.abort();
    expect(await account).toMatchObject({ seen: 5, ownFailures: 0 });
    expect(await scene.ask('[m.f(5), m.f.__code__.co_firstlineno]')).toEqual([4, 3]);
    await reload(module, 'f', { undo: true });
    expect(await scene.ask('m.f(5)')).toBe(5);
    await expectSilence();
  });

  test('expressions of a watch have the parameters of the new code', async () => {
    const module = await makeModule('def f(x, y=1):\n    return x\n');
    const values: string[] = [];
    let reloaded: Promise<unknown> | undefined;
    const account = await agent.watch(
      { words: [module, 'f'], filter: 'y == 5', expression: 'x', limit: 2 },
      {
        onOpened: () => {
          reloaded = scene
            .ask('[m.f(1, 5), m.f(2, 6)]')
            .then(() => put(module, 'def f(y, x=1):\n    return -x\n'))
            .then(() => reload(module, 'f'))
            .then(() => scene.ask('[m.f(5, 3), m.f(6, 5)]'));
        },
        onCall: ({ value }) => {
          values.push(watchedText(value));
        },
      },
    );
    expect(await reloaded).toEqual([-3, -5]);
    expect(values).toEqual(['1', '3']);
    expect(account).toMatchObject({ seen: 3, matched: 2, expressionFailures: 0 });
    await expectSilence();
  });

  test('reload() says where a function is written, and when its module was compiled in another way', async () => {
    const base = await makeModule('class A:\n    def f(self): return 1\ndef g(): return 1\n');
    const module = await makeModule(`from ${base} import *\nclass B(A): pass\n`);
    await put(base, 'class A:\n    def f(self): return 2\ndef g(): return 2\n');
    await scene.tell(`sys.modules[${python(base)}].__spec__.loader = type('Hook', (), {})(); say()`);
    expect(await reload(module, 'B.f')).toMatchObject({ definedAs: `${base}.A.f`, loader: '__main__.Hook' });
    expect(await reload(module, 'g')).toMatchObject({ label: `${module}.g`, definedAs: `${base}.g` });
    expect(await scene.ask('[m.B().f(), m.g()]')).toEqual([2, 2]);
  });

  test('undo works until somebody detaches, whichever agent was inside', async () => {
    const module = await makeModule('def f(x=1): return x\n');
    await put(module, 'def f(x=2): return x\n');
    await using other = await AgentScene.open(interpreter);
    await other.tell(`exec(${python(PRELUDE)}); say()`);
    await other.tell(
      `put('n', 'def f(x=1): return x\\n'); import n; put('n', 'def f(x=2): return x\\n'); say()`,
    );
    const before = await other.footprint();
    const words = { words: ['n', 'f'] };
    using first = await other.agent({ leaseSeconds: 1 });
    await first.reload(words);
    if (LEASE_FAMILIES.has(interpreter.family)) {
      first[Symbol.dispose]();
      await until(() => other.files().length === 0, 'the agent has left');
    }
    const second = await other.agent();
    expect(second.wasInside).toBe(!LEASE_FAMILIES.has(interpreter.family));
    expect(await second.reload({ ...words, undo: true, dryRun: true })).toMatchObject({ undoable: 1 });
    expect(await other.ask('n.f()')).toBe(2);
    await second.reload({ ...words, undo: true });
    expect(await other.ask('n.f()')).toBe(1);
    await second.reload(words);
    await second.detach();
    expect(await other.ask('n.f()')).toBe(2);
    expect(await other.footprint()).toEqual(before);
    using third = await other.agent();
    await expect(third.reload({ ...words, undo: true })).rejects.toThrow('nothing of it was reloaded');
    expect(await third.reload(words)).toMatchObject({ verdict: 'unchanged' });
    await other.tell('shutil.rmtree(D); say()');
  });
});
