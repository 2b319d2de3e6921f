import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../../test/support/fuzzing.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/ports.ts';
import { decompressGzip } from './gzip-members.ts';
import { decompressLz4 } from './lz4-frames.ts';
import { decompressZstdFrames } from './zstd-frames.ts';

const TEXT = Buffer.from('a line of a core\n'.repeat(20));

/** TEXT as lz4 1.9.4 and zstd 1.5.4 pack it: with checksums and size, and without. */
const FRAMES = {
  'lz4 -BD':
    '04224d186440a71d000000ff0261206c696e65206f66206120636f72650a1100ff2c50636f72650a000000002bcd5a44',
  'lz4 -BX --content-size':
    '04224d187c4054010000000000001f1d000000ff0261206c696e65206f66206120636f72650a1100ff2c50636f72650a0138c7c8000000002bcd5a44',
  zstd: '28b52ffd645400c500008861206c696e65206f66206120636f72650a010081489d4bcb59643f',
  'zstd --no-check': '28b52ffd0058c500008861206c696e65206f66206120636f72650a010081489d4b',
} as const;

type Name = keyof typeof FRAMES;
const NAMES: readonly Name[] = ['lz4 -BD', 'lz4 -BX --content-size', 'zstd', 'zstd --no-check'];
const SKIPPABLE = Buffer.from('502a4d1803000000ffffff', 'hex');

function decompressorOf(name: Name): (source: ByteSource) => Generator<Uint8Array> {
  return name.startsWith('lz4') ? decompressLz4 : decompressZstdFrames;
}

function decompress(name: Name, bytes: Uint8Array): Buffer {
  return Buffer.concat(
    Array.from(decompressorOf(name)(new TestSource(bytes, 'test')), (piece) => Buffer.from(piece)),
  );
}

test.each(NAMES)('what `%s` made is decompressed, frame by frame', (name) => {
  const frame = Buffer.from(FRAMES[name], 'hex');
  expect(decompress(name, frame)).toEqual(TEXT);
  expect(decompress(name, Buffer.concat([frame, SKIPPABLE, frame]))).toEqual(Buffer.concat([TEXT, TEXT]));
});

test.each(NAMES)('what `%s` made is decompressed or refused when it is cut off anywhere', (name) => {
  const frame = Buffer.from(FRAMES[name], 'hex');
  for (let end = 1; end < frame.length; end += 1) {
    expect(() => decompress(name, frame.subarray(0, end))).toThrow(MalformedInputError);
  }
});

test.each(NAMES)('what `%s` made is decompressed or refused with bytes changed', (name) => {
  const change = fc.tuple(fc.integer({ min: 4, max: 40 }), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(Buffer.from(FRAMES[name], 'hex'));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        decompress(name, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedInputError);
      }
    }),
    cases(300),
  );
});

test.each<[Name, string, string]>([
  ['zstd', '28b52ffd00f8', 'zstd frame needs a window of 2199023255552 bytes, above 134217728'],
  ['zstd', '28b52ffd015801c50000', 'zstd frame needs a dictionary'],
  ['zstd', '00000000', 'not a zstd frame'],
  ['lz4 -BD', '04224d186140', 'LZ4 frame needs a dictionary'],
  ['lz4 -BD', '04224d186400', 'LZ4 frame is unknown'],
  ['lz4 -BD', '04224d18604000' + 'ffffff7f', 'LZ4 block has 2147483647 bytes, above 65536'],
  ['lz4 -BD', '04224d18604000' + '04000000' + '10610000', 'LZ4 match begins before its history'],
  ['lz4 -BD', '00000000', 'not an LZ4 frame'],
])('%s refuses %s', (name, hex, message) => {
  expect(() => decompress(name, Buffer.from(hex, 'hex'))).toThrow(message);
});

test('decompressLz4() refuses a block that becomes larger than it may', () => {
  const length = Buffer.alloc(300, 255);
  const block = Buffer.concat([Buffer.from('1f610100', 'hex'), length, Buffer.from('00', 'hex')]);
  const header = Buffer.from('04224d18604000', 'hex');
  const size = Buffer.from([block.length, block.length >> 8, 0, 0]);
  expect(() => decompress('lz4 -BD', Buffer.concat([header, size, block]))).toThrow(
    'LZ4 block is larger than it may be',
  );
});

async function gunzip(bytes: Uint8Array): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decompressGzip(new TestSource(bytes, 'test.gz'))) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('decompressGzip() decompresses members that follow each other', async () => {
  const large = Buffer.alloc(3 << 20, 'core');
  expect(
    (await gunzip(Buffer.concat([gzipSync(large), gzipSync(TEXT)]))).equals(Buffer.concat([large, TEXT])),
  ).toBe(true);
});

test('decompressGzip() gives what is there of a file that is cut off', async () => {
  const whole = gzipSync(TEXT);
  expect(TEXT.subarray(0, 10)).toEqual((await gunzip(whole.subarray(0, whole.length - 8))).subarray(0, 10));
});

test('decompressGzip() refuses what does not have its checksum', async () => {
  const bytes = gzipSync(TEXT);
  bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1;
  await expect(gunzip(bytes)).rejects.toThrow(/^Cannot read test\.gz at offset \d+: gzip: /);
});

test('decompressGzip() ends when its reader does', async () => {
  for await (const _piece of decompressGzip(new TestSource(gzipSync(Buffer.alloc(8 << 20)), 'test.gz')))
    break;
});
