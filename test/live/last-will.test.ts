import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../support/counting-target.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Below node_modules, where koffi is found from. */
const PLACE = join(ROOT, 'node_modules/.cache/pyflight-last-will');
const WRITER = join(PLACE, `writer-${process.pid}.mjs`);
/** Longer than the shell takes. */
const LONG_MS = 100;

beforeAll(() => {
  mkdirSync(PLACE, { recursive: true });
  buildSync({
    entryPoints: [join(ROOT, 'test/support/last-will-writer.ts')],
    outfile: WRITER,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['koffi'],
    logLevel: 'error',
  });
});
afterAll(() => rmSync(WRITER, { force: true }));

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'last will '));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Kills one that has written a will, after something was done. */
async function dies(
  words: readonly string[],
  meanwhile: (pid: number) => void | Promise<void>,
): Promise<void> {
  const writer = spawn(process.execPath, [WRITER, parent, 'own', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(writer.stdout, 'data');
  await meanwhile(writer.pid ?? 0);
  const exit = once(writer, 'exit');
  writer.kill('SIGKILL');
  await exit;
}

function fill(directory: string, names: readonly string[] = ['p', 'b']): void {
  mkdirSync(directory, { recursive: true });
  for (const name of names) writeFileSync(join(directory, name), '');
}

const own = () => join(parent, 'own');

test('a directory is removed with its files when the one is killed who has willed it', async () => {
  await dies([], () => fill(own()));
  await until(() => !existsSync(own()), 'it is removed');
  expect(readdirSync(parent)).toEqual([]);
});

test.each([
  [['outlive'], ['b', 'p']],
  [['revoke'], ['b', 'p']],
  [['outlive', 'die'], undefined],
])('after %j of it is left: %j', async (words, left) => {
  await dies(words, () => fill(own()));
  await setTimeout(LONG_MS);
  expect(existsSync(own()) ? readdirSync(own()).sort() : undefined).toEqual(left);
});

test('what else somebody has put there stays, and all of it where there is a socket', async () => {
  await dies([], () => fill(own(), ['p', 'other']));
  await until(() => !existsSync(join(own(), 'p')), 'it is removed');
  await setTimeout(LONG_MS);
  expect(readdirSync(own())).toEqual(['other']);
  const server = createServer();
  await dies([], async () => {
    fill(own());
    server.listen(join(own(), 's'));
    await once(server, 'listening');
  });
  await setTimeout(LONG_MS);
  expect(readdirSync(own()).sort()).toEqual(['b', 'other', 'p', 's']);
  server.close();
});

test('a symbolic link in its place leads nowhere', async () => {
  await dies([], () => {
    fill(join(parent, 'elsewhere'));
    symlinkSync('elsewhere', own());
  });
  await setTimeout(LONG_MS);
  expect(readdirSync(join(parent, 'elsewhere')).sort()).toEqual(['b', 'p']);
});

test('the shell ends with the will, and is waited for', async () => {
  const childrenOf = (pid: number) => spawnSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' }).stdout;
  await dies([], (pid) => expect(childrenOf(pid)).toMatch(/^\d+\n$/u));
  await dies(['revoke'], (pid) => until(() => childrenOf(pid) === '', 'it is gone'));
});
