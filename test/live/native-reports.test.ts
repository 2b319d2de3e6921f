import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addr2line } from '../support/addr2line.ts';
import { runPyflight } from '../support/command-line.ts';
import { buildIdOf, compileHeld, HELD_LINES, hasTool, run } from '../support/held-library.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene, threadNamed } from '../support/matrix.ts';
import { mergedOf, pythonFramesOf } from '../support/merged-frames.ts';

const interpreter = findInterpreters().find(({ family, kind }) => family === '3.11' && kind === 'shared');
const obstacle = !hasTool('gcc') ? ' (no gcc)' : interpreter === undefined ? ' (no shared CPython 3.11)' : '';
const directory = mkdtempSync(join(tmpdir(), 'pyflight-reports-'));
afterAll(() => rmSync(directory, { recursive: true }));

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('docs/snapshot.schema.json', 'utf8')),
);

/** What of a native frame of `--json` is compared. */
interface FrameOfJson {
  readonly pc: string;
  readonly module: string | null;
  readonly moduleAddress: string;
  readonly symbol: string;
  readonly symbolOffset: number;
}

describe.skipIf(obstacle !== '')(`reports of a library that calls Python${obstacle}`, () => {
  let scene: Scene;
  let library = '';
  beforeAll(async () => {
    if (interpreter === undefined) return;
    library = compileHeld({ directory, name: 'libheld.so' });
    scene = await Scene.open(interpreter, 'held-call.py', { env: { HELD_LIBRARY: library } });
  });
  afterAll(async () => await scene?.[Symbol.asyncDispose]());

  const report = async (...words: readonly string[]) =>
    await runPyflight(['stack', `${scene.target.pid}`, ...words]);

  test('stack --native --json tells of each call what nm, readelf and addr2line do', async () => {
    const { out, status } = await report('--native', '--json');
    const document = JSON.parse(out);
    validate(document);
    expect([validate.errors ?? [], status]).toEqual([[], 0]);
    const frames: readonly FrameOfJson[] = document.threads[0].native.frames;
    const held = frames.filter(({ module }) => module === library);
    expect(held).toMatchObject(
      (['hidden', 'exported'] as const).map((name) => ({
        symbol: `hold_${name}`,
        rawSymbol: `hold_${name}`,
        buildId: buildIdOf(library),
        file: expect.stringMatching(/held-call\.c$/u),
        line: HELD_LINES[name],
        isInlined: false,
      })),
    );
    const starts = new Map(
      [...run('nm', [library]).matchAll(/^([0-9a-f]+) \w (\w+)$/gmu)].map(([, start = '', name]) => [
        name,
        start,
      ]),
    );
    for (const { pc, moduleAddress, symbol, symbolOffset } of held) {
      const address = Number(moduleAddress);
      expect(address - symbolOffset).toBe(Number.parseInt(starts.get(symbol) ?? '', 16));
      expect(addr2line(library, [address - 1]).get(address - 1)?.[0]).toMatch(new RegExp(`^${symbol} `, 'u'));
      expect(biasOf(scene.target.pid, library)).toBe(Number(pc) - address);
    }
  });

  test('stack --native-last shows the native calls behind the last Python frame only', async () => {
    const { out, status } = await report('--native-last');
    const kinds = [...out.matchAll(/^ +\((C|Python)\)/gmu)].map(([, kind]) => kind);
    expect(kinds.lastIndexOf('Python')).toBe(kinds.indexOf('C') - 1);
    expect(kinds.filter((kind) => kind === 'C').length).toBeGreaterThan(1);
    expect(out).not.toContain('hold_hidden');
    expect(status).toBe(0);
  });

  test.each(['--native', '--native-all', '--native-last'])('stack %s --no-block is refused', async (mode) => {
    const { out, notes, status } = await report(mode, '--no-block');
    expect([out, status]).toEqual(['', 2]);
    expect(notes).toContain(`Cannot use ${mode} with --no-block: it needs the registers of stopped threads`);
  });
});

test.skipIf(obstacle !== '' || process.arch !== 'x64')(
  `a thread that cannot be unwound costs only itself${obstacle}`,
  async () => {
    if (interpreter === undefined) return;
    const path = join(directory, 'liblost.so');
    run('gcc', ['-O1', '-shared', '-fPIC', '-o', path, programPath('lost-stack.c')]);
    await using scene = await Scene.open(interpreter, 'lost-stack.py', { env: { LOST_LIBRARY: path } });
    const snapshot = await scene.snapshot({ native: 'all-threads' });
    const lost = threadNamed(snapshot, 'lost');
    expect(lost.native?.cutOff).toEqual(expect.any(String));
    expect(lost.native?.frames.map(({ symbol }) => symbol)).toEqual(['lose_stack']);
    expect([lost.merged, lost.frames[0]?.name]).toEqual([undefined, 'lose']);
    expect(lost.problems.map(({ kind, osThreadId }) => [kind, osThreadId])).toEqual([
      ['cut-off-native', lost.osThreadId],
    ]);
    const others = snapshot.threads.filter((thread) => thread !== lost);
    expect(others.length).toBe(3);
    for (const thread of others) {
      expect(pythonFramesOf(mergedOf(thread))).toEqual(thread.frames);
      expect([thread.native?.cutOff, thread.problems]).toEqual([undefined, []]);
    }
  },
);

function programPath(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
}

/** Where the first piece of a library lies, which it has at its own address 0. */
function biasOf(pid: number, path: string): number {
  const line = readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .find((each) => each.endsWith(path));
  return Number.parseInt(line ?? '', 16);
}
