import { expect, test } from 'vitest';
import { FORMATS, findFormat } from './registry.ts';

test.each([
  ['speedscope', 'speedscope'],
  ['RAW', 'collapsed'],
  ['chrometrace', 'chrome'],
  ['out/shop.json', 'speedscope'],
  ['out/shop.trace.json', 'chrome'],
  ['shop.gecko.json', 'gecko'],
  ['shop.PB.GZ', 'pprof'],
  ['shop.txt', 'collapsed'],
])('findFormat() of %s: %s', (wanted, name) => {
  expect(findFormat(wanted).name).toBe(name);
});

test('findFormat() of something else says what there is', () => {
  expect(() => findFormat('shop.doc')).toThrow(
    /^Cannot write a profile as shop\.doc: the formats are svg \(\.svg\), .*collapsed \(\.collapsed\), /,
  );
});

test('no two formats have a name or an ending in common', () => {
  const words = FORMATS.flatMap(({ name, aliases = [], endings }) => [name, ...aliases, ...endings]);
  expect(new Set(words).size).toBe(words.length);
});
