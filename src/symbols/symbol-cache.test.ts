import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CACHE_BYTES, SymbolCache, symbolCacheName } from './symbol-cache.ts';
import type { SymbolFrame } from './symbol-frame.ts';

const KEY = { buildId: 'abcdef', origin: 'symtab' };
const POLL: SymbolFrame = { name: 'poll', offset: 77, file: 'poll.c', line: 29, isInlined: false };
const INLINED: SymbolFrame = {
  name: 'f',
  offset: undefined,
  file: undefined,
  line: undefined,
  isInlined: true,
};

function writtenBody(content: unknown): Uint8Array {
  const body = JSON.stringify(content);
  return Buffer.from(`pyflight-symbols 1 ${crc32(body).toString(16).padStart(8, '0')}\n${body}`);
}

test('decode() gives back what encode() was given', () => {
  const cache = new SymbolCache(KEY);
  cache.remember(0x1000, [INLINED, POLL]);
  cache.remember(0x2000, []);
  cache.remember(2 ** 40, [{ ...POLL, name: 'größe\ud800' }]);
  const read = SymbolCache.decode(cache.encode(), KEY);
  expect(read.framesAt(0x1000)).toEqual([INLINED, POLL]);
  expect(read.framesAt(0x2000)).toEqual([]);
  expect(read.framesAt(2 ** 40)).toEqual([{ ...POLL, name: 'größe\ud800' }]);
  expect(read.framesAt(0x3000)).toBeUndefined();
});

test('symbolCacheName() names files by build ids as linkers make them', () => {
  expect(symbolCacheName('93ac61ec5a8eb1396f9fbd350e3169a558528a40')).toBe(
    'symbols-93ac61ec5a8eb1396f9fbd350e3169a558528a40',
  );
  for (const buildId of ['', 'ab', '../../etc/passwd', 'a'.repeat(81), 'A'.repeat(40)])
    expect(symbolCacheName(buildId)).toBeUndefined();
});

test('isChanged tells whether there is something to write', () => {
  const cache = new SymbolCache(KEY);
  expect(cache.isChanged).toBe(false);
  cache.remember(1, [POLL]);
  expect(cache.isChanged).toBe(true);
  expect(SymbolCache.decode(cache.encode(), KEY).isChanged).toBe(false);
});

test('decode() gives an empty cache for answers made from other files', () => {
  const cache = new SymbolCache(KEY);
  cache.remember(1, [POLL]);
  for (const key of [
    { ...KEY, buildId: 'abcde0' },
    { ...KEY, origin: 'debug file' },
  ])
    expect(SymbolCache.decode(cache.encode(), key).framesAt(1)).toBeUndefined();
});

test('decode() gives an empty cache for bytes that are cut off or changed anywhere', () => {
  const cache = new SymbolCache(KEY);
  cache.remember(1, [POLL]);
  const bytes = cache.encode();
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(SymbolCache.decode(changed, KEY).framesAt(1)).toBeUndefined();
    expect(SymbolCache.decode(bytes.subarray(0, at), KEY).framesAt(1)).toBeUndefined();
  }
});

test.each<[string, unknown]>([
  ['no object', 7],
  ['null', null],
  ['no places', { ...KEY, texts: ['poll'] }],
  ['a text that is none', { ...KEY, texts: [7], places: [] }],
  ['a place that is none', { ...KEY, texts: ['poll'], places: [[1, 0, 0, -1, -1, 0], 'x'] }],
  ['a number that is none', { ...KEY, texts: ['poll'], places: [[1, 0, 0.5, -1, -1, 0]] }],
  ['a frame that is cut off', { ...KEY, texts: ['poll'], places: [[1, 0, 0, -1, -1]] }],
  ['a name that is not there', { ...KEY, texts: ['poll'], places: [[1, 1, 0, -1, -1, 0]] }],
  ['a place without an address', { ...KEY, texts: ['poll'], places: [[]] }],
])('decode() gives an empty cache for content of another shape: %s', (_what, content) => {
  expect(SymbolCache.decode(writtenBody(content), KEY).framesAt(1)).toBeUndefined();
});

test('decode() answers for any bytes behind a right header', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const header = `pyflight-symbols 1 ${crc32(text).toString(16).padStart(8, '0')}\n`;
      expect(SymbolCache.decode(Buffer.from(header + text), KEY).framesAt(1)).toBeUndefined();
    }),
  );
});

test('remember() forgets the oldest address when there are too many', () => {
  const cache = new SymbolCache(KEY);
  for (let address = 0; address <= 2 ** 15; address += 1) cache.remember(address, []);
  expect(cache.framesAt(0)).toBeUndefined();
  expect(cache.framesAt(1)).toEqual([]);
  expect(cache.framesAt(2 ** 15)).toEqual([]);
});

test('encode() leaves out older addresses until the bytes fit', () => {
  const cache = new SymbolCache(KEY);
  for (let address = 0; address < 100; address += 1) {
    cache.remember(address, [{ ...POLL, name: `${address}`.padEnd(80_000, 'x') }]);
  }
  const bytes = cache.encode();
  expect(bytes.length).toBeLessThanOrEqual(MAX_CACHE_BYTES);
  const read = SymbolCache.decode(bytes, KEY);
  expect(read.framesAt(99)?.[0]?.name.startsWith('99x')).toBe(true);
  expect(read.framesAt(49)).toBeUndefined();
  expect(read.framesAt(50)).toBeDefined();
});
