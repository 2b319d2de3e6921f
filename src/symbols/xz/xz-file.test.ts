import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../../test/support/fuzzing.ts';
import { writeXz, type XzToWrite } from '../../../test/support/xz-writer.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { decompressXz } from './xz-file.ts';

const TEXT = Buffer.from('a line of debugging information\n'.repeat(100));

// The block of TEXT as xz 5.4 packs it, the same under every check.
const BLOCK =
  '0200210116000000742fe5a3e00c7f00365d0030880986d41f45b8238ff4c3db2e4e0943bd6389fd9fc4bef0a5156c8a96e2124dcaf8fc' +
  '9df1eaeaf2d8dd72fcf9bd4550d51c16ee00000000';

// Made by `xz --check=…` of TEXT: header, BLOCK, check, and an index and a footer that nobody reads.
const BY_CHECK = {
  crc32: `fd377a585a0000016922de36${BLOCK}6a52f79100014e80190000004617f06a3e300d8b020000000001595a`,
  crc64: `fd377a585a000004e6d6b446${BLOCK}e812e0188c83fc680001528019000000a6d5e41eb1c467fb020000000004595a`,
  sha256: `fd377a585a00000ae1fb0ca1${BLOCK}fe895a1b3881748de2e5ef7819e610f9153d6b6bc6c477ef1d064672675ed7b300016a80190000006650cdf6b6e9df1c02000000000a595a`,
} as const;

// The same with `--check=none --lzma2=preset=6,lc=1,lp=2,pb=0`.
const WITH_PROPERTIES =
  'fd377a585a000000ff12d9410200210116000000742fe5a3e00c7f0036130030884acf1ee064d71836cf8c13ce2164c2259c31ac0c20a074' +
  'f64644e4361e99a440726620f47eeda9116a97388cd65562fdf966e40000000000014a8019000000505561f1a8000afc020000000000595a';

function decompress(bytes: Uint8Array, maxSizeBytes = 2 ** 20): Buffer {
  return Buffer.from(decompressXz(bytes, { name: 'test.xz', maxSizeBytes }));
}

test.each(Object.entries(BY_CHECK))('decompressXz() decompresses what xz made, with %s', (_check, hex) => {
  expect(decompress(Buffer.from(hex, 'hex'))).toEqual(TEXT);
});

test.each(Object.entries(BY_CHECK))('decompressXz() holds a block against its %s', (_check, hex) => {
  const bytes = Buffer.from(hex, 'hex');
  const at = 12 + BLOCK.length / 2;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  expect(() => decompress(bytes)).toThrow(/^Cannot read test\.xz at offset \d+: xz block does not have its /);
});

test('decompressXz() takes any properties of LZMA', () => {
  expect(decompress(Buffer.from(WITH_PROPERTIES, 'hex'))).toEqual(TEXT);
});

test('decompressXz() puts stored chunks and blocks together', () => {
  const blocks = [Buffer.alloc(70_000, 'ab'), Buffer.from('c')];
  for (const hasSizes of [true, false])
    expect(decompress(writeXz({ blocks, hasSizes }))).toEqual(Buffer.concat(blocks));
});

test('decompressXz() decompresses nothing to nothing', () => {
  expect(decompress(writeXz({ blocks: [] }))).toHaveLength(0);
  expect(decompress(writeXz({ blocks: [new Uint8Array()] }))).toHaveLength(0);
});

test('decompressXz() refuses more than it may make, before it makes any of it', () => {
  expect(() => decompress(writeXz({ blocks: [TEXT] }), TEXT.length - 1)).toThrow(
    'decompresses to more than 3199 bytes',
  );
  expect(() => decompress(writeXz({ blocks: [TEXT, TEXT] }), 2 * TEXT.length - 1)).toThrow(
    'decompresses to more than 3199 bytes',
  );
});

const ONE = Uint8Array.from([0x61]);

test.each<[string, Partial<XzToWrite>, string]>([
  ['has another filter', { filter: 4 }, 'xz block has filter 4, which is not LZMA2'],
  ['has an unknown control byte', { packed: [Uint8Array.from([3])] }, 'LZMA2 control byte 3 is unknown'],
  [
    'begins without a dictionary',
    { packed: [Uint8Array.from([2, 0, 0, 0x61, 0])] },
    'LZMA2 does not begin with an empty dictionary',
  ],
  [
    'has symbols before any properties',
    { packed: [Uint8Array.from([1, 0, 0, 0x61, 0x80, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0])] },
    'LZMA2 chunk has no properties',
  ],
  [
    'has properties that are none',
    { packed: [Uint8Array.from([0xe0, 0, 0, 0, 4, 225, 0, 0, 0, 0, 0, 0])] },
    'LZMA properties 225 are none',
  ],
  [
    'does not begin a chunk as LZMA does',
    { packed: [Uint8Array.from([0xe0, 0, 0, 0, 4, 0x5d, 1, 0, 0, 0, 0, 0])] },
    'LZMA chunk does not begin with 0',
  ],
  [
    'ends a chunk within a symbol',
    { packed: [Uint8Array.from([0xe0, 0, 99, 0, 4, 0x5d, 0, 0, 0, 0, 0, 0])] },
    'LZMA chunk ends within a symbol',
  ],
  [
    'repeats what was not there',
    { packed: [Uint8Array.from([0xe0, 0, 99, 0, 6, 0x5d, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0])] },
    'LZMA match begins before its dictionary',
  ],
])('decompressXz() refuses a stream that %s', (_what, xz, message) => {
  expect(() => decompress(writeXz({ blocks: [ONE], ...xz }))).toThrow(message);
});

test('decompressXz() refuses headers that do not have their checksum, and other formats', () => {
  const bytes = writeXz({ blocks: [ONE] });
  for (const [at, message] of [
    [0, 'not compressed with xz'],
    [6, 'flags of the xz stream are unknown'],
    [8, 'header of the xz stream does not have its checksum'],
    [13, 'header of the xz block does not have its checksum'],
  ] as const) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    expect(() => decompress(changed)).toThrow(message);
  }
});

test('decompressXz() answers or throws MalformedInputError for a stream cut off anywhere', () => {
  const bytes = Buffer.from(BY_CHECK.crc64, 'hex');
  for (let end = 0; end < bytes.length; end += 1) {
    try {
      expect(decompress(bytes.subarray(0, end))).toEqual(TEXT);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedInputError);
    }
  }
});

test('decompressXz() answers or throws MalformedInputError for a block with bytes changed', () => {
  const stream = Buffer.from(WITH_PROPERTIES, 'hex');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 24, max: 90 }), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (changes) => {
        const bytes = Uint8Array.from(stream);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          decompress(bytes, 2 ** 16);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
        }
      },
    ),
    cases(300),
  );
});
