import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MergedFrame } from '../../src/model/native-frame.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, describeScene, Scene } from '../support/matrix.ts';

const left: string[] = [];

afterAll(() => {
  for (const path of left) rmSync(path, { force: true });
});

function mergedOf({ threads }: Snapshot): readonly MergedFrame[] {
  return threads.find(({ isMainThread }) => isMainThread)?.merged ?? [];
}

function nativeNames(frames: readonly MergedFrame[]): readonly (string | undefined)[] {
  return frames.flatMap((each) => (each.kind === 'native' ? [each.frame.symbol] : []));
}

describeInterpreters('3.12', (interpreter) => {
  describeScene({ interpreter, program: 'inline-calls.py', env: { PYTHONPERFSUPPORT: '1' } }, (scene) => {
    test('takeSnapshot() shows each Python function once where -X perf puts code of its own before it', async ({
      skip,
    }) => {
      const { target } = scene();
      left.push(join(interpreter.root ?? '/', `tmp/perf-${target.pid}.map`));
      const snapshot = await scene().snapshot({ native: 'python-threads' });
      const main = snapshot.threads.find(({ isMainThread }) => isMainThread);
      const cutOff = main?.native?.cutOff;
      if (cutOff !== undefined) return skip(`its stack is cut off: ${cutOff}`);
      const shown = mergedOf(snapshot);
      const python = shown.flatMap((each) => (each.kind === 'python' ? [each.frame.name] : []));
      expect(python).toEqual(main?.frames.map(({ name }) => name));
      expect(nativeNames(shown).filter((name) => name?.includes('trampoline'))).toEqual([]);
      expect(nativeNames(shown).filter((name) => name?.startsWith('py::'))).toEqual([]);
      const all = main?.native?.frames.map(({ symbol }) => symbol?.split(':/')[0]) ?? [];
      expect(all.filter((name) => name?.startsWith('py::'))).toEqual(python.map((name) => `py::${name}`));
    });
  });
});

const interpreter = findInterpreters().find(({ family, kind }) => family === '3.11' && kind === 'shared');

describe('code that a compiler made at run time', () => {
  const isPossible = interpreter !== undefined && process.arch === 'x64' && process.getuid?.() === 0;

  test.skipIf(!isPossible).each([
    ['named by the perf map', 'good', 'Function:compiled app.js:7'],
    ['nameless when the map is a link', 'linked', undefined],
    ['nameless when the map is older than the process', 'stale', undefined],
    ['nameless when the map is of another user', 'foreign', undefined],
  ])('is %s', async (_what, kind, name) => {
    if (interpreter === undefined) return;
    await using scene = await Scene.open(interpreter, 'compiled-code.py', { env: { PERF_MAP: kind } });
    const { address, files } = scene.truth.facts;
    left.push(...(Array.isArray(files) ? files.map(String) : []));
    const frames = mergedOf(await scene.snapshot({ native: 'python-threads' }));
    const compiled = frames.flatMap((each) =>
      each.kind === 'native' && Math.abs(each.frame.pc - Number(address)) < 16 ? [each.frame] : [],
    );
    expect(compiled.map(({ symbol, module }) => [symbol, module])).toEqual([[name, undefined]]);
    expect(compiled[0]?.symbolOffset).toBe(name === undefined ? undefined : 6);
  });
});
