import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentSession, StreamWish, TorchProfile } from '../../src/api/index.ts';
import { type CommandLineResult, runPyflight } from '../support/command-line.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { violations } from '../support/schemas.ts';
import { TorchScene, torchPythons } from '../support/torch-scene.ts';

const NOTHING_LEFT = { threads: 0, sockets: 0, files: 0 };
const pythons = torchPythons();
if (pythons.length === 0) test.skip('torch (no Python here has it)', () => undefined);

describe.each(pythons)('torch, $name', ({ path: python }) => {
  const directory = mkdtempSync(join(tmpdir(), 'pyflight-traces-'));
  let scene: TorchScene;
  beforeAll(async () => {
    scene = await TorchScene.start(python);
  }, 60_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  /** Runs `pyflight torch` in our directory; what is to be called is called when it waits for it. */
  const run = async (words: readonly string[], ...calls: readonly string[]): Promise<CommandLineResult> => {
    const result = runPyflight(['torch', `${scene.pid}`, ...words], { through: ['env', '-C', directory] });
    if (calls.length > 0) await scene.untilHooks(1);
    for (const call of calls) await scene.ask(call);
    return await result;
  };

  /** Profiles while the program evaluates expressions. */
  const profile = async (
    agent: AgentSession,
    wish: StreamWish,
    ...calls: readonly string[]
  ): Promise<{
    readonly profile: TorchProfile;
    readonly answers: unknown[];
    readonly traces: readonly Trace[];
  }> => {
    const pieces: Uint8Array[][] = [];
    let opened = () => {};
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const ended = agent.torch.profile(wish, {
      onOpened: () => opened(),
      onCall: ({ file, bytes }) => {
        pieces[file] = [...(pieces[file] ?? []), bytes];
      },
    });
    await Promise.race([isOpen, ended]);
    const answers: unknown[] = [];
    for (const call of calls) answers.push(await scene.ask(call));
    const found = await ended;
    return { profile: found, answers, traces: pieces.map((parts) => traceOf(Buffer.concat(parts))) };
  };

  test('a profiled call is written as a Chrome trace here, and its operators are those that torch counts', async () => {
    const own = await scene.ask('own_counts(lambda: multiply(3))');
    const { status, out } = await run(['profile', '__main__', 'multiply'], 'multiply(3)');
    expect(status).toBe(0);
    expect(out).toContain('profile info has been written to trace.json');
    const trace = traceOf(readFileSync(join(directory, 'trace.json')));
    expect(countOf(trace, 'aten::mm')).toBe(3);
    expect(countOf(trace, '__main__.multiply')).toBe(1);
    using agent = await scene.agent();
    const { profile: found, answers } = await profile(
      agent,
      { words: ['__main__:multiply'], limit: 1 },
      'multiply(3)',
    );
    expect(answers).toEqual([512]);
    const counts = Object.fromEntries(found.operators.map(({ name, calls }) => [name, calls]));
    // Torch 1.13 counts the same sum once or twice, by chance, also where nobody looks.
    const sums = { 'aten::sum': expect.toBeOneOf([1, 2]) };
    expect(counts).toEqual({ ...Object(own), ...sums, '__main__.multiply': 1 });
    const call = found.operators.find(({ name }) => name === '__main__.multiply');
    // Torch rounds times to microseconds in some versions.
    expect(Math.abs(found.selfCpuUs - (call?.cpuUs ?? 0))).toBeLessThan(found.operators.length + 1);
    expect(await scene.ask('[is_profiled()] + codes()')).toEqual([false, true, true, true, true, true]);
    expect(scene.files().filter((name) => !name.startsWith('pyflight-'))).toEqual([]);
  });

  test.each([
    [
      ['__main__', 'Net', 'forward'],
      {},
      'float(net(left).sum()) == float(net(left).sum())',
      true,
      'aten::addmm',
      2,
    ],
    [['__main__', 'multiply_later'], {}, 'asyncio.run(multiply_later(2))', 512, 'aten::mm', 2],
    [['__main__', 'outer'], { nested: ['inner'] }, 'outer(2)', 1024, 'aten::mm', 2],
    [['__main__', 'outer'], {}, 'outer(2)', 1024, 'aten::mm', 4],
    [['__main__', 'multiply'], { filter: 'times > 4' }, 'multiply(4) + multiply(5)', 1024, 'aten::mm', 5],
  ])('%j %j', async (...row) => {
    const [words, more, call, answer, operator, count] = row;
    using agent = await scene.agent();
    const { profile: found, answers, traces } = await profile(agent, { words, limit: 1, ...more }, call);
    expect(answers).toEqual([answer]);
    expect(traces.map((trace) => countOf(trace, operator))).toEqual([count]);
    expect(found.operators.find(({ name }) => name === operator)?.calls).toBe(count);
    expect(found).toMatchObject({
      fileCount: 1,
      hasCuda: false,
      account: { isRestored: true, goesOn: false },
    });
  });

  test('the sum of a call of more operators than are listed has all of them', async () => {
    using agent = await scene.agent();
    const { profile: found } = await profile(
      agent,
      { words: ['__main__', 'label'], limit: 1 },
      'label(1500)',
    );
    expect(found.operators).toHaveLength(1000);
    expect(found.operatorCount).toBeGreaterThan(1500);
    const listedUs = found.operators.reduce((sum, { selfCpuUs }) => sum + selfCpuUs, 0);
    expect(found.selfCpuUs).toBeGreaterThanOrEqual(listedUs);
    const call = found.operators.find(({ name }) => name === '__main__.label');
    expect(Math.abs(found.selfCpuUs - (call?.cpuUs ?? 0))).toBeLessThan(found.operatorCount + 1);
  });

  test('several calls have a file each and one table, and documents say so', async () => {
    const words = ['profile', '__main__', 'multiply', '-f', 'each.json', '--n', '2', '--json'];
    const { status, out } = await run(words, 'multiply(1)', 'multiply(2)', 'multiply(3)');
    expect(status).toBe(0);
    const documents = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map((document) => violations('torch', document))).toEqual(documents.map(() => []));
    expect(documents.at(-1)).toMatchObject({ files: ['each.json', 'each.2.json'], seen: 2 });
    const counts = ['each.json', 'each.2.json'].map((name) =>
      countOf(traceOf(readFileSync(join(directory, name))), 'aten::mm'),
    );
    expect(counts).toEqual([1, 2]);
    const sums = documents.at(-1).operators.filter(({ name }: { name: string }) => name === 'aten::mm');
    expect(sums).toMatchObject([{ calls: 3 }]);
  });

  test('a client that goes while a call is profiled leaves nothing on, and so does an agent that is detached', async () => {
    for (const end of ['dispose', 'detach'] as const) {
      using agent = await scene.agent();
      const ended = agent.torch.profile({ words: ['__main__', 'Waiting', 'wait'] }, { onCall: () => {} });
      ended.catch(() => undefined);
      await scene.untilHooks(1);
      expect(await scene.ask('begin_waiting()')).toBe(true);
      if (end === 'dispose') agent[Symbol.dispose]();
      else {
        expect((await agent.detach()).left).toEqual(NOTHING_LEFT);
        expect(await ended).toMatchObject({ account: { goesOn: true }, fileCount: 0 });
      }
      if (end === 'dispose') await scene.untilHooks(0);
      expect(await scene.ask('waiting.end()')).toEqual([512, false]);
      expect(await scene.ask('[is_profiled()] + codes()')).toEqual([false, true, true, true, true, true]);
    }
    expect(scene.files()).toEqual([]);
  });

  test('what cannot be profiled is refused, and the program calls on', async () => {
    using agent = await scene.agent();
    await expect(profile(agent, { words: ['__main__', 'numbers'] })).rejects.toThrow('is a generator');
    const busy = agent.torch.profile({ words: ['__main__', 'multiply'], limit: 1 }, { onCall: () => {} });
    const refused = expect(busy).rejects.toMatchObject({ code: 'torch-refused', obstacle: 'busy' });
    await scene.untilHooks(1);
    expect(await scene.ask('own_profile() > 0')).toBe(true);
    await refused;
    expect(await scene.ask('[is_profiled()] + codes()')).toEqual([false, true, true, true, true, true]);
  });

  test('tensors are counted and measured as torch does, and are named', async () => {
    const [count, storageCount, storageBytes] = Object(await scene.ask('own_tensors()'));
    using agent = await scene.agent();
    await scene.ask('Own.asked.clear()');
    const report = await agent.torch.tensors();
    expect(await scene.ask('Own.asked')).toEqual([]);
    expect(report).toMatchObject({ count, storageCount, storageBytes, others: [] });
    const placesOf = (...shape: readonly number[]) =>
      report.groups.find((group) => `${group.shape}` === `${shape}`)?.places;
    expect(placesOf(32, 16)).toEqual([
      '__main__.net.layers.0.weight',
      '__main__.net.layers.0.weight.grad',
      '<SGD>.state[__main__.net.layers.0.weight].momentum_buffer',
    ]);
    expect([placesOf(7), placesOf(5, 2)]).toEqual([['__main__.net.mask'], ['__main__.own']]);
    expect(placesOf(1000)).toEqual(['__main__.kept["last"]']);
    const view = report.groups.find(({ places }) => places.includes('__main__.kept["view"]'));
    expect(view).toMatchObject({ shape: [2], dtype: 'float32', count: 1, sizeBytes: 8, storageBytes: 16384 });
    // A sparse one, an empty one, and one that has no shape of its own.
    expect([placesOf(3, 3), placesOf(0, 3), report.withoutStorage]).toEqual([
      ['__main__.odd[0]'],
      ['__main__.odd[1]'],
      1,
    ]);
    const nested = report.groups.find(({ places }) => places.includes('__main__.odd[2]'));
    expect(nested).toMatchObject({ shape: [undefined], sizeBytes: 4 * (8 * 16 + 16 * 4) });
    const { status, out } = await run(['memory', '--cpu', '--json']);
    expect([status, violations('torch', JSON.parse(out))]).toEqual([0, []]);
  });

  test('a function that lets go of a tensor is the last that had it, also after it was looked for', async () => {
    await scene.ask('begin_holding()');
    using agent = await scene.agent();
    const { groups } = await agent.torch.tensors();
    const places = groups.find(({ shape }) => `${shape}` === '3,5,7')?.places;
    const name = (await scene.ask('sys.version_info >= (3, 13)')) ? ['Holding.hold() cargo'] : [];
    expect(places).toEqual(name);
    expect(await scene.ask('holding.end()')).toBe(0);
  });

  test.each([[['-s']], [['-r', '__main__', 'multiply']]])(
    'memory %j of a process without CUDA says so, and leaves no file',
    async (words) => {
      const { status, notes } = await run(['memory', ...words, '-f', 'none.pickle']);
      expect(status).toBe(6);
      expect(notes).toMatch(
        /Cannot ask torch: (torch .* is built for the CPU alone|the process has not begun to use CUDA)/,
      );
      expect(notes).toContain('memory --cpu    lists the tensors');
      expect(readdirSync(directory).filter((name) => name.startsWith('none'))).toEqual([]);
    },
  );
});

test('torch is not imported into a process that has not', async () => {
  await using target = await PlatformTarget.startPython(
    'import sys',
    'def add(): pass',
    'print("ready")',
    'for line in sys.stdin: print("torch" in sys.modules)',
  );
  for (const words of [
    ['profile', '__main__', 'add', '-f', '/dev/null'],
    ['memory', '--cpu'],
  ]) {
    const { status, notes } = await runPyflight(['torch', `${target.pid}`, ...words]);
    expect(status).toBe(6);
    expect(notes).toContain('Cannot ask torch: the process has not loaded torch');
  }
  target.send('');
  expect(await target.nextLine()).toBe('False');
  await runPyflight(['detach', `${target.pid}`]);
});

interface TraceEvent {
  readonly name?: string;
  readonly ph: string;
}

type Trace = readonly TraceEvent[];

/** Torch writes the object form of the trace format, where it has no kineto the form of a list. */
function traceOf(bytes: Uint8Array): Trace {
  const document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return Array.isArray(document) ? document : document.traceEvents;
}

function countOf(trace: Trace, wanted: string): number {
  return trace.filter(({ name, ph }) => name === wanted && ph === 'X').length;
}
