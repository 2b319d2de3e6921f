import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { decompressZstd } from './zstd.ts';

const TEXT = Buffer.from('a line of debugging information\n'.repeat(100));

// Made by `zstd --no-check` 1.5 of TEXT through a pipe, so that it does not tell its size.
const OF_PIPE = Buffer.from(
  '28b52ffd00684d0100040261206c696e65206f6620646562756767696e6720696e666f726d6174696f6e0a0100e8e2f0d513',
  'hex',
);

test('decompressZstd() decompresses a frame that does not tell its size', () => {
  expect(Buffer.from(decompressZstd(OF_PIPE, TEXT.length))).toEqual(TEXT);
});

test('decompressZstd() holds a frame against the size that it tells', () => {
  // RFC 8878, 3.1.1: single segment, 3 bytes of content, one raw block that is the last.
  const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 0x61, 0x62, 0x63]);
  expect(Buffer.from(decompressZstd(frame, 3)).toString()).toBe('abc');
  expect(() => decompressZstd(frame, 4)).toThrow('decompresses to 3 bytes instead of 4');
});

test('decompressZstd() refuses what is no zstd', () => {
  expect(() => decompressZstd(Buffer.from('abcdefgh'), 3)).toThrow('not compressed with zstd');
});

test('decompressZstd() gives so many bytes or throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }), fc.nat(60), (changes, cut) => {
      const bytes = Uint8Array.from(OF_PIPE.subarray(0, cut));
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      let result: Uint8Array | undefined;
      try {
        result = decompressZstd(bytes, TEXT.length);
      } catch {
        return;
      }
      expect(result.length).toBe(TEXT.length);
    }),
    cases(200),
  );
});
