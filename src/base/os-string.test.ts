import { expect, test } from 'vitest';
import { decodeOsString, encodeOsString } from './os-string.ts';

test.each([
  ['plain ASCII', [0x61, 0x2f, 0x62], 'a/b'],
  ['UTF-8', [0xc3, 0xa9, 0xf0, 0x9f, 0x90, 0x8d], 'é🐍'],
  ['a byte order mark, which is kept', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ['a Latin-1 byte', [0x61, 0xe9, 0x62], 'a\udce9b'],
  ['a sequence that is cut off', [0x61, 0xe2, 0x82], 'a\udce2\udc82'],
  ['an overlong slash', [0xc0, 0xaf], '\udcc0\udcaf'],
  ['an encoded surrogate', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
  ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
  ['good bytes around a bad one', [0xc3, 0xa9, 0xff, 0xc3, 0xa9], 'é\udcffé'],
])('decodeOsString() and encodeOsString() keep %s', (_what, bytes, text) => {
  expect(decodeOsString(Uint8Array.from(bytes))).toBe(text);
  expect([...encodeOsString(text)]).toEqual(bytes);
});
