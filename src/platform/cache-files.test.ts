import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CacheFiles } from './cache-files.ts';

const LIMITS = { maxFileBytes: 100, maxTotalBytes: 250 };
const NOBODY = 65_534;

let home = '';
let directory = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pyflight-cache-'));
  directory = join(home, '.cache/pyflight');
});
afterEach(() => rmSync(home, { recursive: true }));

function cacheOf(xdgCacheHome?: string): CacheFiles {
  return new CacheFiles({ xdgCacheHome, home }, LIMITS);
}

function textIn(cache: CacheFiles, name: string): string | undefined {
  const bytes = cache.read(name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

/** Files of so many bytes, each used a minute before the next. */
function fill(cache: CacheFiles, sizes: Readonly<Record<string, number>>): void {
  const names = Object.keys(sizes);
  for (const [name, sizeBytes] of Object.entries(sizes)) cache.write([[name, new Uint8Array(sizeBytes)]]);
  for (const [index, name] of names.entries()) {
    const used = new Date(Date.now() - 60_000 * (names.length - index));
    utimesSync(join(directory, name), used, used);
  }
}

test('read() gives what write() wrote, below ~/.cache, for nobody else to see', () => {
  const cache = cacheOf();
  expect(cache.read('abcd')).toBeUndefined();
  cache.write([['abcd', Buffer.from('one')]]);
  cache.write([['abcd', Buffer.from('other')]]);
  expect(textIn(cache, 'abcd')).toBe('other');
  expect(lstatSync(directory).mode & 0o777).toBe(0o700);
  expect(lstatSync(join(directory, 'abcd')).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['abcd']);
});

test('write() goes below $XDG_CACHE_HOME where that is absolute', () => {
  cacheOf(join(home, 'xdg')).write([['abcd', Buffer.from('one')]]);
  expect(readdirSync(join(home, 'xdg/pyflight'))).toEqual(['abcd']);
  cacheOf('relative').write([['abcd', Buffer.from('one')]]);
  expect(readdirSync(directory)).toEqual(['abcd']);
});

test('write() does nothing where there is no home', () => {
  for (const nowhere of [undefined, 'relative', '/no/such/home']) {
    const cache = new CacheFiles({ xdgCacheHome: undefined, home: nowhere }, LIMITS);
    cache.write([['abcd', Buffer.from('one')]]);
    expect(cache.read('abcd')).toBeUndefined();
  }
});

test('read() and write() leave a directory alone that others may write to', () => {
  const cache = cacheOf();
  cache.write([['abcd', Buffer.from('one')]]);
  chmodSync(directory, 0o770);
  expect(cache.read('abcd')).toBeUndefined();
  cache.write([['ef01', Buffer.from('one')]]);
  expect(readdirSync(directory)).toEqual(['abcd']);
});

test('read() and write() leave a directory alone that is a link', () => {
  const real = join(home, 'real');
  mkdirSync(real, { mode: 0o700 });
  mkdirSync(join(home, '.cache'));
  symlinkSync(real, directory);
  cacheOf().write([['abcd', Buffer.from('one')]]);
  expect(readdirSync(real)).toEqual([]);
});

test.skipIf(process.geteuid?.() !== 0)('read() and write() leave what belongs to another user alone', () => {
  const cache = cacheOf();
  cache.write([['abcd', Buffer.from('one')]]);
  chownSync(join(directory, 'abcd'), NOBODY, NOBODY);
  expect(cache.read('abcd')).toBeUndefined();
  chownSync(directory, NOBODY, NOBODY);
  cache.write([['ef01', Buffer.from('one')]]);
  expect(readdirSync(directory)).toEqual(['abcd']);
});

test.skipIf(process.geteuid?.() !== 0)('write() puts nothing into the home of another user', () => {
  chownSync(home, NOBODY, NOBODY);
  cacheOf().write([['abcd', Buffer.from('one')]]);
  expect(existsSync(join(home, '.cache'))).toBe(false);
});

test('read() does not follow a link, and takes no file that others may write to, nor a directory', () => {
  const cache = cacheOf();
  cache.write([['abcd', Buffer.from('one')]]);
  symlinkSync(join(directory, 'abcd'), join(directory, 'ef01'));
  mkdirSync(join(directory, 'ef02'));
  expect(cache.read('ef01')).toBeUndefined();
  expect(cache.read('ef02')).toBeUndefined();
  chmodSync(join(directory, 'abcd'), 0o666);
  expect(cache.read('abcd')).toBeUndefined();
});

test('read() and write() refuse files that are too large', () => {
  const cache = cacheOf();
  cache.write([['abcd', new Uint8Array(101)]]);
  expect(existsSync(join(directory, 'abcd'))).toBe(false);
  cache.write([['abcd', new Uint8Array(100)]]);
  writeFileSync(join(directory, 'abcd'), new Uint8Array(101));
  expect(cache.read('abcd')).toBeUndefined();
});

test('write() removes the files that were used least recently', () => {
  const cache = cacheOf();
  fill(cache, { oldest: 100, used: 60, newest: 60 });
  expect(cache.read('oldest')).toHaveLength(100);
  cache.write([['last', new Uint8Array(80)]]);
  expect(readdirSync(directory).toSorted()).toEqual(['last', 'newest', 'oldest']);
});

test('write() removes what a run that was ended left behind, and no file of somebody else', () => {
  const cache = cacheOf();
  cache.write([['abcd', Buffer.from('one')]]);
  const old = new Date(Date.now() - 7_200_000);
  for (const name of ['abcd.77', 'ef01.78', 'README.md']) writeFileSync(join(directory, name), '');
  for (const name of ['abcd.77', 'README.md']) utimesSync(join(directory, name), old, old);
  cache.write([['abcd', Buffer.from('other')]]);
  expect(readdirSync(directory).toSorted()).toEqual(['README.md', 'abcd', 'ef01.78']);
});

test('write() of two caches leaves the last one whole, and nothing else', () => {
  const [one, other] = [cacheOf(), cacheOf()];
  for (let round = 0; round < 20; round += 1) {
    one.write([['abcd', Buffer.from('one')]]);
    other.write([['abcd', Buffer.from('the other')]]);
    expect(textIn(one, 'abcd')).toBe('the other');
  }
  expect(readdirSync(directory)).toEqual(['abcd']);
});

test.each(['', '.', '..', '../x', 'a/b', 'a.b', 'A', '-a', 'x'.repeat(129)])(
  'read() refuses a name that is none of ours: %s',
  (name) => {
    expect(() => cacheOf().read(name)).toThrow(`Cannot name a cache file ${name}: not of its letters`);
  },
);
