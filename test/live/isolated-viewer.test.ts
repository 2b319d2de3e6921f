import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findInterpreters } from '../support/interpreters.ts';
import { SANDBOXES, sandboxObstacle, startSandboxed } from '../support/sandboxes.ts';

const PRINTER = fileURLToPath(new URL('../support/print-snapshot.ts', import.meta.url));
// By its path: nsenter(1) goes to another directory.
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const NODE = [process.execPath, '--import', LOADER, PRINTER];

const obstacle = sandboxObstacle();
const ownPids = SANDBOXES.find(({ name }) => name === 'another pid namespace');
const interpreters = findInterpreters().filter(
  ({ family, kind }) => ['2.7', '3.10', '3.13'].includes(family) && kind === 'shared',
);

test
  .skipIf(obstacle !== undefined)
  .each(interpreters.map((interpreter) => [interpreter.name, interpreter] as const))(
  'attach() shows %s from within the same pid namespace, with the ids of that namespace',
  async (_, interpreter) => {
    if (ownPids === undefined) throw new RangeError('no sandbox has pids of its own');
    await using sandboxed = await startSandboxed(ownPids, interpreter, 'threads.py');
    const inside = ['nsenter', '--target', String(sandboxed.pid), '--pid', '--mount'];
    const { pid, threads } = sandboxed.target.groundTruth;
    expect(run([...inside, ...NODE, String(pid)])).toMatchObject({
      snapshot: {
        process: { pid, innerPid: null },
        threads: expect.arrayContaining(
          threads.map(({ nativeId, frames }) =>
            expect.objectContaining({
              osThreadId: nativeId,
              innerThreadId: null,
              activity: expect.objectContaining({ state: 'blocked' }),
              frames: frames.map(({ name, file }) => expect.objectContaining({ name, filename: file })),
            }),
          ),
        ),
        problems: [],
      },
    });
  },
);

test.skipIf(obstacle !== undefined)(
  'attach() refuses when /proc is of another pid namespace than we are',
  () => {
    const pid = String(process.pid);
    expect(run(['unshare', '--pid', '--fork', ...NODE, pid])).toEqual({
      viewerPid: 1,
      code: 'not-permitted',
      message: `Cannot inspect process ${pid}: /proc shows another pid namespace than the one that we run in`,
    });
  },
);

/** Runs a program that prints one JSON document. */
function run([program = '', ...args]: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (stdout === '') throw new Error(`${program} printed nothing:\n${stderr}`);
  return JSON.parse(stdout);
}
