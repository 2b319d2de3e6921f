import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AgentSession,
  attach,
  EvaluationCancelledError,
  EvaluationFailedError,
  formatObject,
  NotInTargetError,
  ProcessExitedError,
} from '../../src/api/index.ts';
import type { Evaluation } from '../../src/model/agent.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { until } from '../support/counting-target.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';

describeInterpreters('3.6', (interpreter) => {
  let scene: AgentScene;
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
  });
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  });

  /** What the program says next is this alone: nothing else has come to its output. */
  const expectSilence = async (): Promise<void> => {
    expect(await scene.ask('"here"')).toBe('here');
  };

  test('an agent that is detached leaves threads, descriptors, files and names as they were', async () => {
    const before = await scene.footprint();
    const agent = await scene.agent();
    expect(agent.wasInside).toBe(false);
    expect(await agent.status()).toMatchObject({ pid: scene.pid, hooks: [], running: [] });
    expect(scene.files()).toHaveLength(1);
    const departure = await agent.detach();
    expect(departure).toMatchObject({ removed: [], kept: [], left: { threads: 0, sockets: 0, files: 0 } });
    expect(await scene.footprint()).toEqual(before);
    expect(departure.modulesAdded).toEqual(expect.arrayContaining(await scene.ask<string[]>('modules()')));
  });

  describe('an agent inside', () => {
    let agent: AgentSession;
    beforeAll(async () => {
      agent = await scene.agent();
    });
    afterAll(() => agent?.[Symbol.dispose]());

    test('renders values without code of the program, and with it only on demand', async () => {
      expect(textOf(await agent.evaluate({ module: '__main__', path: 'shapes' }))).toMatch(
        /^\[<__main__\.Square at 0x[0-9a-f]+ sides=4>, <__main__\.Shape at 0x[0-9a-f]+ sides=3>\]$/u,
      );
      expect(textOf(await agent.evaluate({ module: '__main__', path: 'loop' }))).toBe('[1, [...]]');
      expect(textOf(await agent.evaluate({ module: '__main__', path: 'hostile' }))).toBe("'\\x1b[2J\\udc80'");
      const expression = '[__import__("datetime").date(2026, 1, 2), __import__("decimal").Decimal("1.50")]';
      const literals = await agent.evaluate({ module: '__main__', expression });
      expect(textOf(literals)).toBe("[datetime.date(2026, 1, 2), Decimal('1.50')]");
      expect(textOf(await agent.evaluate({ module: '__main__', path: 'Square.__name__' }))).toBe("'Square'");
      const shown = await agent.evaluate({ module: '__main__', path: 'loop', repr: true });
      expect(shown).toEqual({ typeName: 'list', value: { kind: 'repr', text: '[1, [...]]', omitted: 0 } });
      await expect(agent.evaluate({ module: '__main__', path: 'shapes', repr: true })).rejects.toThrow(
        'RuntimeError was raised',
      );
    });

    test('evaluates expressions, whose exceptions come here and nowhere else', async () => {
      const wish = { module: '__main__', path: 'shapes' };
      const expression = '[shape.sides for shape in target if shape in shapes]';
      expect(textOf(await agent.evaluate({ ...wish, expression }))).toBe('[4, 3]');
      for (const [failing, name] of [
        ['fail()', 'ValueError'],
        ['1 +', 'SyntaxError'],
        ['undefined', 'NameError'],
        ['exec("raise SystemExit(3)")', 'SystemExit'],
        ['exec("raise KeyboardInterrupt")', 'KeyboardInterrupt'],
      ]) {
        const failure = await agent
          .evaluate({ ...wish, expression: failing })
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(EvaluationFailedError);
        expect(failure).toHaveProperty('traceback', expect.stringContaining(name ?? ''));
        expect(failure).not.toHaveProperty('traceback', expect.stringContaining('pyflight agent'));
      }
      await expect(agent.evaluate({ module: 'no.such', path: 'x' })).rejects.toThrow(NotInTargetError);
      await expect(agent.evaluate({ module: '__main__', path: 'nothing' })).rejects.toThrow(NotInTargetError);
      await expectSilence();
    });

    test('finds instances of subclasses too, collects garbage and completes names', async () => {
      const found = await agent.instances({ module: '__main__', path: 'Shape', limit: 1 });
      expect([found.total, textOf(found)]).toEqual([2, expect.stringMatching(/^\[<__main__\./u)]);
      const sides = {
        module: '__main__',
        path: 'Shape',
        limit: -1,
        expression: 'sorted(s.sides for s in instances)',
      };
      expect(textOf(await agent.instances(sides))).toBe('[3, 4]');
      const ofLazy = agent.instances({ module: '__main__', path: 'lazy', limit: -1 });
      await expect(ofLazy).rejects.toThrow('lazy of __main__ is no class');
      expect(await scene.ask('Lazy.asked')).toEqual([]);
      // From 3.7 on a program can have the collector leave objects alone, which it does not list then.
      const freeze = (what: string) => `getattr(__import__("gc"), "${what}", lambda: None)()`;
      await agent.evaluate({ module: '__main__', expression: freeze('freeze') });
      expect(textOf(await agent.instances(sides))).toBe('[3, 4]');
      await agent.evaluate({ module: '__main__', expression: freeze('unfreeze') });
      expect((await agent.forceGc()).collected).toHaveLength(3);
      expect(await agent.names('sha', '__main__')).toEqual(['shapes']);
      expect(await agent.names('json.enc')).toEqual(['json.encoder']);
    });

    test('runs a console whose output comes here, and that of others where it went', async () => {
      const console = await agent.openConsole();
      const run = async (source: string): Promise<readonly [string, string]> => {
        let text = '';
        const { state } = await console.run(source, {
          onOutput: (part, stream) => {
            text += stream === 'out' ? part : `<${part}>`;
          },
        });
        return [state, text];
      };
      expect(await run('1 + 1')).toEqual(['done', '2\n']);
      expect(await run('def double(x):')).toEqual(['incomplete', '']);
      expect(await run('def double(x):\n  return x * _\n')).toEqual(['done', '']);
      expect(await run('print(double(3)); len(shapes)')).toEqual(['done', '6\n2\n']);
      expect(await run('x = (')).toEqual(['incomplete', '']);
      expect(await run('fail()')).toEqual(['failed', expect.stringContaining('ValueError: it fails')]);
      expect(await run('import sys; n = sys.stderr.write("oops")')).toEqual(['done', '<oops>']);
      expect(await run('say(by="main")')).toEqual(['done', expect.stringContaining('"by": "main"')]);
      expect(await console.complete('shapes.app')).toEqual(['append']);
      expect((await console.complete('shapes.')).filter((name) => name.startsWith('_'))).toEqual([]);
      expect(await console.complete('shapes.__le')).toContain('__len__');
      // Libraries keep for each thread what a statement leaves to the next.
      expect(
        await run('import threading; own = threading.local(); own.kept = threading.current_thread()'),
      ).toEqual(['done', '']);
      expect(await run('own.kept is threading.current_thread()')).toEqual(['done', 'True\n']);
      expect(await run('import decimal; decimal.getcontext().prec = 3')).toEqual(['done', '']);
      expect(await run('decimal.Decimal(1) / 3')).toEqual(['done', "Decimal('0.333')\n"]);
      expect(await run('__import__("builtins")._')).toEqual([
        'failed',
        expect.stringContaining('AttributeError'),
      ]);
      expect(await run('exit()')).toEqual(['ended', '']);
      await console.close();
      expect(await scene.ask('facts()["threads"]')).toEqual(['MainThread']);
      expect(await scene.ask('facts()["streams"]')).toEqual([true, true]);
    });

    test.skipIf(interpreter.isFreeThreaded)(
      'answers while an expression runs, and interrupts it',
      async () => {
        const abort = new AbortController();
        const wish = { module: '__main__', expression: 'spin()', signal: abort.signal };
        const failure = agent.evaluate(wish).catch((error: unknown) => error);
        let running = (await agent.status()).running;
        while (running.length === 0) running = (await agent.status()).running;
        expect(running).toMatchObject([{ op: 'evaluate' }]);
        abort.abort();
        expect(await failure).toBeInstanceOf(EvaluationCancelledError);
        expect((await agent.status()).running).toEqual([]);
      },
    );
  });

  test('an agent is met again without a second one, and serves two clients', async () => {
    using first = await scene.agent();
    using inspection = await attach(scene.pid);
    const other = await inspection.findAgent();
    if (other === undefined) throw new TypeError('it is inside');
    expect(other.wasInside).toBe(true);
    // Whoever has hung up before is a client until the agent has heard so.
    const clients = async () => (await first.status()).clients.map(({ isOwn }) => isOwn);
    await expect.poll(clients, { timeout: 20_000 }).toEqual([true, false]);
    await other.detach();
    await expect(first.status()).rejects.toThrow('somebody else has detached it');
    await expectSilence();
  });

  test('what stood for sys.stdout is never freed, since print() of another thread may be in it', async () => {
    await using scene = await AgentScene.open(interpreter);
    const expression =
      '__import__("builtins").__dict__.setdefault("seen", []).append(__import__("weakref").ref(__import__("sys").stdout))';
    for (let visit = 0; visit < 2; visit += 1) {
      using agent = await scene.agent();
      await agent.evaluate({ module: '__main__', expression });
      expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
    }
    const state =
      '[len(seen), len({id(each()) for each in seen}), seen[0]() is None, seen[0]() is sys.stdout]';
    expect(await scene.ask(state)).toEqual([2, 1, false, false]);
  });

  test('a forked child has nothing of the agent, and takes one of its own', async () => {
    await using parent = await AgentScene.open(interpreter);
    const agent = await parent.agent();
    const child: number = JSON.parse(await parent.tell('fork()')).pid;
    expect(child).not.toBe(parent.pid);
    // CPython 3.6 tells nobody of a fork: there the sockets stay open until the child is attached to.
    if (isSince(interpreter, '3.7')) {
      expect(await parent.ask('sockets()')).toBe(0);
    }
    using inspection = await attach(child);
    expect(await inspection.findAgent()).toBeUndefined();
    const ofChild = await inspection.agent(parent.injecting);
    expect((await ofChild.status()).pid).toBe(child);
    expect(await parent.ask('sockets()')).toBe(2);
    expect((await ofChild.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
    expect(await parent.ask('sockets()')).toBe(0);
    parent.target.send('os._exit(0)');
    // Until it is gone it would hear what its parent is told.
    await until(() => !existsSync(`/proc/${child}`), 'the child has ended');
    expect(await parent.ask('"here"')).toBe('here');
    expect((await agent.status()).pid).toBe(parent.pid);
    agent[Symbol.dispose]();
  });

  test('a program that ends while an expression runs ends at once, and leaves no files', async () => {
    await using ending = await AgentScene.open(interpreter);
    const agent = await ending.agent();
    const { directory } = await agent.status();
    const seen = `/proc/${ending.pid}/root${directory}`;
    expect(existsSync(seen)).toBe(true);
    // On a slow disk, where the agent's thread ends while the main thread still cleans up.
    ending.target.send('os.rmdir = lambda path, rmdir=os.rmdir: (time.sleep(0.05), rmdir(path))');
    const path = interpreter.root === undefined ? directory : `${interpreter.root}${directory}`;
    const failure = agent
      .evaluate({ module: '__main__', expression: 'spin()' })
      .catch((error: unknown) => error);
    ending.target.send('sys.exit()');
    expect(await failure).toBeInstanceOf(ProcessExitedError);
    await ending.target.ended();
    expect(existsSync(path)).toBe(false);
  });
});

function textOf({ value }: Evaluation): string {
  if (value.kind !== 'view') throw new TypeError('a tree was asked for');
  return formatObject(value.view, 500);
}
