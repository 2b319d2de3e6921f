import { expect, test } from 'vitest';
import { TestSource } from '../../../test/support/test-source.ts';
import { writeXz } from '../../../test/support/xz-writer.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { decompressXzStreams } from './xz-stream.ts';

const TEXT = Buffer.from('a line of a core\n'.repeat(20));

/** TEXT as xz 5.4 packs it. */
const STREAM = Buffer.from(
  'fd377a585a000004e6d6b4460200210116000000742fe5a3e0015300195d0030880986d41f45b8238ff53266471b37d5249dd6607a090000' +
    '0000000047c5ad99c92905f6000135d402000000d1539e41b1c467fb020000000004595a',
  'hex',
);

function decompress(bytes: Uint8Array): Buffer {
  return Buffer.concat(
    Array.from(decompressXzStreams(new TestSource(bytes, 'test.xz')), (piece) => Buffer.from(piece)),
  );
}

test('decompressXzStreams() decompresses streams that follow each other, with padding', () => {
  expect(decompress(STREAM)).toEqual(TEXT);
  expect(decompress(Buffer.concat([STREAM, new Uint8Array(8), STREAM]))).toEqual(Buffer.concat([TEXT, TEXT]));
});

test('decompressXzStreams() holds each block against its check', () => {
  const at = STREAM.indexOf('47c5ad99', 0, 'hex');
  const changed = Buffer.from(STREAM);
  changed[at] = (changed[at] ?? 0) ^ 1;
  expect(() => decompress(changed)).toThrow('xz block does not have its CRC64');
});

test('decompressXzStreams() refuses a stream that is cut off anywhere', () => {
  for (let end = 1; end < STREAM.length; end += 1) {
    expect(() => decompress(STREAM.subarray(0, end))).toThrow(MalformedInputError);
  }
});

test('decompressXzStreams() holds no more than a dictionary and what is decompressed at the time', () => {
  const block = Buffer.alloc(
    20 << 20,
    Uint8Array.from({ length: 1000 }, (_, index) => index % 251),
  );
  const pieces = decompressXzStreams(new TestSource(writeXz({ blocks: [block] }), 'test.xz'));
  let at = 0;
  for (;;) {
    try {
      const { value, done } = pieces.next();
      if (done === true) break;
      if (!block.subarray(at, at + value.length).equals(value)) throw new RangeError(`differs at ${at}`);
      expect(value.buffer.byteLength).toBeLessThan(8 << 20);
      at += value.length;
    } catch (error) {
      // The writer leaves out the index that ends a stream.
      expect(error).toBeInstanceOf(MalformedInputError);
      break;
    }
  }
  expect(at).toBe(block.length);
});
