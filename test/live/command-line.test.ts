import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findInterpreters } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-cli-'));

let target: Target;

beforeAll(async () => {
  const interpreter = findInterpreters().findLast(({ kind }) => kind === 'shared' || kind === 'static');
  if (interpreter === undefined) throw new Error('there is no Python to run');
  target = await startTarget(interpreter, 'threads.py');
});

afterAll(async () => {
  await target.stop();
  rmSync(directory, { recursive: true });
});

/** Starts the program as built; its standard output goes to a pipe unless a descriptor is given. */
function start(words: readonly string[], stdout: 'pipe' | number = 'pipe', program = 'pyflight') {
  const child = spawn(process.execPath, [`bin/${program}.cjs`, ...words], {
    stdio: ['ignore', stdout, 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  let out = '';
  let notes = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    notes += text;
  });
  const ended = once(child, 'close').then(([status]) => ({ status, out, notes }));
  return { child, ended };
}

/** The state letter and the tracer of the target: `S`, `0`. */
function stateOfTarget(): readonly (string | undefined)[] {
  const status = readFileSync(`/proc/${target.pid}/status`, 'utf8');
  return [/^State:\t(\S)/m.exec(status)?.[1], /^TracerPid:\t(\d+)/m.exec(status)?.[1]];
}

const HEADERS = /^Traceback for thread \d+/gm;

test('pyflight stack prints every thread on standard output and nothing else', async () => {
  const { status, out, notes } = await start(['stack', `${target.pid}`]).ended;
  expect([status, notes]).toEqual([0, '']);
  expect(out.match(HEADERS)).toHaveLength(target.groundTruth.threads.length);
  expect(out).not.toContain('\u001b');
});

test('flight_profiler <pid> --cmd prints the same', async () => {
  const words = [`${target.pid}`, '--cmd', 'stack', '--no-color'];
  const { status, out } = await start(words, 'pipe', 'flight_profiler').ended;
  expect([status, out.match(HEADERS)?.length]).toEqual([0, target.groundTruth.threads.length]);
});

test('pyflight without words and without a terminal lists the target', async () => {
  const { status, out } = await start([]).ended;
  expect(status).toBe(0);
  expect(out).toMatch(new RegExp(`^ *${target.pid} `, 'm'));
});

test('pyflight ends quietly when its reader has read enough', async () => {
  const { child, ended } = start(['stack', `${target.pid}`, '--watch=0.05']);
  await once(child.stdout ?? child, 'data');
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ status: 0, notes: '' });
  expect(stateOfTarget()).toEqual(['S', '0']);
});

test('pyflight says when the output cannot be written', async () => {
  const { status, notes } = await start(['stack', `${target.pid}`], openSync('/dev/full', 'w')).ended;
  expect(status).toBe(1);
  expect(notes).toMatch(/^error: Cannot write the output: ENOSPC.*\n$/);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  'pyflight stack --watch ends at %s with status %d and lets the target go',
  async (signal, expected) => {
    const { child, ended } = start(['stack', `${target.pid}`, '--watch=0.05']);
    await once(child.stdout ?? child, 'data');
    child.kill(signal);
    expect(await ended).toMatchObject({ status: expected, notes: '' });
    expect(stateOfTarget()).toEqual(['S', '0']);
  },
);

test('pyflight stack --watch ends when the target does', async () => {
  const other = await startTarget(target.interpreter, 'threads.py');
  const { child, ended } = start(['stack', `${other.pid}`, '--watch=0.05']);
  await once(child.stdout ?? child, 'data');
  await other.stop();
  expect(await ended).toMatchObject({
    status: 3,
    notes: expect.stringMatching(
      /^error: Cannot inspect process \d+: (it ended meanwhile|no such process|it is a zombie.*)\n/,
    ),
  });
});

test.each([
  ['a process that is not there', ['stack', '4194304'], 3],
  ['a process without Python', ['stack', `${process.pid}`], 5],
  ['a wrong command line', ['stack', '--lcoals'], 2],
  ['PyStack’s status for a process that is not there', ['remote', '4194304'], 1],
  ['PyStack’s status for a wrong command line', ['remote'], 2],
])('pyflight exits for %s', async (_, words, expected) => {
  const { status, out, notes } = await start(words).ended;
  expect([status, out]).toEqual([expected, '']);
  expect(notes).not.toMatch(/^ {4}at /m);
});

test('pyflight stack -f writes the stacks into a file', async () => {
  const path = join(directory, 'stacks.txt');
  const { status, out } = await start([`${target.pid}`, '--cmd', `stack -f ${path}`]).ended;
  expect([status, out]).toEqual([0, `✓ Write stack to ${path} successfully!\n`]);
  expect(readFileSync(path, 'utf8').match(HEADERS)).toHaveLength(target.groundTruth.threads.length);
});
