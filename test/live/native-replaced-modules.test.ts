import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildIdOf, compileHeld, compileOther, hasTool, heldFrames } from '../support/held-library.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';
import { runProgram } from '../support/program-run.ts';
import { startTarget } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-replaced-'));
chmodSync(directory, 0o755);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const interpreter = findInterpreters().find(({ family, kind }) => family === '3.11' && kind === 'shared');
const openToAll = findInterpreters().find(
  ({ kind, path }) => kind === 'static' && path.startsWith('/usr/bin/'),
);
let count = 0;

/** A library of its own for each test, and another that lies where it lay. */
function compileBoth(): { readonly path: string; readonly other: string } {
  count += 1;
  const place = join(directory, `${count}`);
  mkdirSync(place);
  const path = compileHeld({ directory: place, name: 'libheld.so' });
  return { path, other: compileOther({ directory: place, name: 'libother.so' }) };
}

function noteOf({ problems }: { problems: readonly { kind: string; message: string }[] }, path: string) {
  return problems
    .filter(({ message }) => message.includes(path))
    .map(({ kind, message }) => `${kind}: ${message}`);
}

describe.skipIf(interpreter === undefined || !hasTool('gcc') || process.getuid?.() !== 0)('a library', () => {
  test.each([
    ['removed', (path: string) => rmSync(path)],
    ['replaced', (path: string, other: string) => renameSync(other, path)],
  ])('that was %s while it was mapped has the names of the file that is mapped', async (_what, change) => {
    if (interpreter === undefined) return;
    const { path, other } = compileBoth();
    const buildId = buildIdOf(path);
    await using scene = await Scene.open(interpreter, 'held-call.py', { env: { HELD_LIBRARY: path } });
    change(path, other);
    const snapshot = await scene.snapshot({ native: 'python-threads' });
    const frames = heldFrames(snapshot, path);
    expect(frames.map(({ symbol }) => symbol)).toEqual(['hold_hidden', 'hold_exported']);
    expect(frames.map(({ module }) => module?.buildId)).toEqual([buildId, buildId]);
    expect(noteOf(snapshot, path)).toEqual([
      `replaced-module: ${path} was replaced or removed since the process loaded it: names are those of the file that it runs`,
    ]);
  });

  test('that was written over has no names, rather than those of another one', async () => {
    if (interpreter === undefined) return;
    const { path, other } = compileBoth();
    await using scene = await Scene.open(interpreter, 'held-call.py', { env: { HELD_LIBRARY: path } });
    writeFileSync(path, readFileSync(other), { flag: 'r+' });
    const snapshot = await scene.snapshot({ native: 'python-threads' });
    const frames = heldFrames(snapshot, path);
    expect(frames.length).toBeGreaterThan(0);
    expect(new Set(frames.map(({ symbol, module }) => symbol ?? module?.buildId))).toEqual(
      new Set([undefined]),
    );
    expect(noteOf(snapshot, path)).toEqual([
      `replaced-module: ${path} was written over since the process loaded it: its functions have no names`,
    ]);
  });

  test('that was removed has the names that it exports, for who may not open what is mapped', async ({
    skip,
  }) => {
    if (openToAll === undefined) return skip('every interpreter here is its user’s alone');
    const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const able = await runProgram(['--version'], { through }).ended;
    if (able.status !== 0) return skip('another user cannot run us here');
    const { path } = compileBoth();
    chmodSync(join(path, '..'), 0o755);
    await using target = await startTarget(
      { ...openToAll, command: [...through, ...openToAll.command] },
      'held-call.py',
      { env: { HELD_LIBRARY: path } },
    );
    rmSync(path);
    const { pid } = target.groundTruth;
    const { out, notes } = await runProgram(['stack', `${pid}`, '--native'], { through }).ended;
    const lines = out.split('\n').filter((line) => line.endsWith(`(${path})`));
    expect(lines.map((line) => / in (\S+) /u.exec(line)?.[1])).toEqual(['hold_exported', '???']);
    expect(notes).toContain(
      `warning: ${path} was replaced or removed since the process loaded it: only what it exports has a name`,
    );
  });
});
