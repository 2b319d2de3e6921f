import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { PlatformTarget } from '../support/platform-target.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'pyflight-paths-')));
afterAll(() => rmSync(base, { recursive: true }));

function write(path: string): string {
  const file = join(base, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return file;
}

test('module takes a relative path from our directory and from that of the process, and says which of two files is meant', async () => {
  const theirs = write('theirs/shop/cart.py');
  write('theirs/shop/tags.py');
  await using target = await PlatformTarget.startPython(
    `import os, sys`,
    `os.chdir(${JSON.stringify(join(base, 'theirs'))})`,
    'sys.path.insert(0, "")',
    'import shop.cart, shop.tags',
    `sys.path.insert(0, ${JSON.stringify(join(base, 'ours/shop'))})`,
    'print("ready")',
    'for name in sys.stdin: __import__(name.strip()); print("loaded")',
  );
  mkdirSync(join(base, 'ours'));
  const look = async (file: string, directory: string, ...words: readonly string[]) =>
    await runPyflight(['module', `${target.pid}`, file, ...words], {
      through: ['env', '-C', join(base, directory)],
    });
  const found = { status: 0, out: 'shop.cart\n', notes: '' };

  expect(await look('shop/cart.py', 'theirs')).toEqual(found);
  expect(await look('shop/cart.py', 'ours')).toEqual(found);
  expect(await look('./shop/../shop/cart.py', 'ours')).toEqual(found);
  expect((await look('shop', 'ours')).out).toBe('shop\n');

  const ours = write('ours/shop/cart.py');
  expect(await look('shop/cart.py', 'ours')).toEqual({
    ...found,
    notes: `note: this is ${theirs} in the working directory of process ${target.pid}; ${ours} is not loaded\n`,
  });
  const { meant } = JSON.parse((await look('shop/cart.py', 'ours', '--json')).out);
  expect(meant).toEqual({ from: 'process', path: theirs, other: ours });

  target.send('cart');
  expect(await target.nextLine()).toBe('loaded');
  const { out, notes } = await look('shop/cart.py', 'ours');
  expect(out).toBe('cart\n');
  // It was written after the process began, which is said too.
  expect(notes.split('\n').slice(-2)).toEqual([
    `note: this is ${ours}; ${theirs} in the working directory of process ${target.pid} was not looked for`,
    '',
  ]);
  expect(await look('shop/none.py', 'ours')).toMatchObject({ status: 7, out: '' });
});
