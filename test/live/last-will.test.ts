import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { threadStatesOf, until } from '../support/counting-target.ts';

let writerProgram: string;
beforeAll(() => {
  writerProgram = bundle('last-will-writer');
});
afterAll(() => rmSync(writerProgram, { force: true }));

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'last will '));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Kills one that has written a will, after something was done, and waits until its shell has ended too. */
async function dies(words: readonly string[], meanwhile: (pid: number) => void | Promise<void>) {
  const writer = spawn(process.execPath, [writerProgram, parent, 'own', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(writer.stdout, 'data');
  const pid = writer.pid ?? 0;
  await meanwhile(pid);
  const shells = childrenOf(pid);
  const exit = once(writer, 'exit');
  writer.kill('SIGKILL');
  await exit;
  await until(() => shells.every((shell) => /^Z?$/u.test(threadStatesOf(shell))), 'its shell has ended');
}

function childrenOf(pid: number): readonly number[] {
  const { stdout } = spawnSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function fill(directory: string, names: readonly string[] = ['p', 'b']): void {
  mkdirSync(directory, { recursive: true });
  for (const name of names) writeFileSync(join(directory, name), '');
}

const own = () => join(parent, 'own');

test('a directory is removed with its files when the one is killed who has willed it', async () => {
  await dies([], () => fill(own()));
  expect(readdirSync(parent)).toEqual([]);
});

test.each([
  [['outlive'], ['b', 'p']],
  [['revoke'], ['b', 'p']],
  [['outlive', 'die'], undefined],
])('after %j of it is left: %j', async (words, left) => {
  await dies(words, () => fill(own()));
  expect(existsSync(own()) ? readdirSync(own()).sort() : undefined).toEqual(left);
});

test('what else somebody has put there stays, and all of it where there is a socket', async () => {
  await dies([], () => fill(own(), ['p', 'other']));
  expect(readdirSync(own())).toEqual(['other']);
  const server = createServer();
  await dies([], async () => {
    fill(own());
    server.listen(join(own(), 's'));
    await once(server, 'listening');
  });
  expect(readdirSync(own()).sort()).toEqual(['b', 'other', 'p', 's']);
  server.close();
});

test('a symbolic link in its place leads nowhere', async () => {
  await dies([], () => {
    fill(join(parent, 'elsewhere'));
    symlinkSync('elsewhere', own());
  });
  expect(readdirSync(join(parent, 'elsewhere')).sort()).toEqual(['b', 'p']);
});

test('the shell ends with the will, and is waited for', async () => {
  await dies([], (pid) => expect(childrenOf(pid)).toHaveLength(1));
  await dies(['revoke'], (pid) => until(() => childrenOf(pid).length === 0, 'it is gone'));
});
