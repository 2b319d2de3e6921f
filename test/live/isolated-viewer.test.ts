import { expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { SANDBOXES, sandboxObstacle, startSandboxed } from '../support/sandboxes.ts';

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
    const through = ['nsenter', '--target', String(sandboxed.pid), '--pid', '--mount'];
    const { pid, threads } = sandboxed.target.groundTruth;
    const { out, notes } = await runPyflight(['stack', String(pid), '--json'], { through });
    expect(notes).toBe('');
    expect(JSON.parse(out)).toMatchObject({
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
    });
  },
);

test.skipIf(obstacle !== undefined)(
  'attach() refuses when /proc is of another pid namespace than we are',
  async () => {
    const pid = String(process.pid);
    const { status, notes } = await runPyflight(['stack', pid], { through: ['unshare', '--pid', '--fork'] });
    expect([status, notes]).toEqual([
      4,
      expect.stringContaining(
        `error: Cannot inspect process ${pid}: /proc shows another pid namespace than the one that we run in\n`,
      ),
    ]);
  },
);
