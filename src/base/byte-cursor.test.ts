import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { ByteCursor } from './byte-cursor.ts';
import { MalformedInputError } from './errors.ts';

function cursorOver(...bytes: readonly number[]): ByteCursor {
  return new ByteCursor(Uint8Array.from(bytes), 'frame table');
}

/** Every read, by its name. */
const READS = {
  u8: (cursor: ByteCursor) => cursor.u8(),
  i8: (cursor: ByteCursor) => cursor.i8(),
  u16: (cursor: ByteCursor) => cursor.u16(),
  i16: (cursor: ByteCursor) => cursor.i16(),
  u32: (cursor: ByteCursor) => cursor.u32(),
  i32: (cursor: ByteCursor) => cursor.i32(),
  u64: (cursor: ByteCursor) => cursor.u64(),
  i64: (cursor: ByteCursor) => cursor.i64(),
  size: (cursor: ByteCursor) => cursor.size(),
  address: (cursor: ByteCursor) => cursor.address(),
  bytes: (cursor: ByteCursor) => cursor.bytes(3),
  skip: (cursor: ByteCursor) => cursor.skip(3),
  seek: (cursor: ByteCursor) => cursor.seek(5),
  cString: (cursor: ByteCursor) => cursor.cString(),
  uleb128: (cursor: ByteCursor) => cursor.uleb128(),
  sleb128: (cursor: ByteCursor) => cursor.sleb128(),
};

test.each([
  ['u8', 1, 0x80],
  ['i8', 1, -0x80],
  ['u16', 2, 0x8180],
  ['i16', 2, 0x8180 - 2 ** 16],
  ['u32', 4, 0x8382_8180],
  ['i32', 4, 0x8382_8180 - 2 ** 32],
  ['u64', 8, 0x8786_8584_8382_8180n],
  ['i64', 8, 0x8786_8584_8382_8180n - 2n ** 64n],
  ['bytes', 3, Uint8Array.from([0x80, 0x81, 0x82])],
] as const)('%s() reads its %i bytes in little-endian order', (read, sizeBytes, value) => {
  const cursor = cursorOver(0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87);
  expect(READS[read](cursor)).toEqual(value);
  expect(cursor.offset).toBe(sizeBytes);
});

test('size() and address() read 64 bits as a number', () => {
  const bytes = [0xef, 0xbe, 0xad, 0xde, 0, 0x7f, 0, 0];
  const cursor = cursorOver(...bytes, ...bytes);
  expect(cursor.size()).toBe(0x7f00_dead_beef);
  expect(cursor.address()).toBe(0x7f00_dead_beef);
  expect(cursor.atEnd).toBe(true);
});

test.each([
  ['size', 'Cannot read frame table at offset 1: size is above 2^53'],
  ['address', 'Cannot read frame table at offset 1: address is outside user space'],
] as const)('%s() of a torn pointer is an error of ours, and moves nothing', (read, message) => {
  const cursor = cursorOver(0, 0, 0, 0x60, 0xff, 0xff, 0xff, 0xff, 0xff);
  cursor.u8();
  expect(() => READS[read](cursor)).toThrow(message);
  expect(cursor.offset).toBe(1);
});

test.each([
  ['u8', 'u8 needs 1 bytes, 0 left'],
  ['i8', 'i8 needs 1 bytes, 0 left'],
  ['u16', 'u16 needs 2 bytes, 0 left'],
  ['i16', 'i16 needs 2 bytes, 0 left'],
  ['u32', 'u32 needs 4 bytes, 0 left'],
  ['i32', 'i32 needs 4 bytes, 0 left'],
  ['u64', 'u64 needs 8 bytes, 0 left'],
  ['i64', 'i64 needs 8 bytes, 0 left'],
  ['size', 'size needs 8 bytes, 0 left'],
  ['address', 'address needs 8 bytes, 0 left'],
  ['bytes', 'bytes needs 3 bytes, 0 left'],
  ['skip', 'skipped part needs 3 bytes, 0 left'],
  ['seek', 'offset 5 is outside'],
  ['cString', 'text has no terminating NUL'],
  ['uleb128', 'LEB128 is cut off'],
  ['sleb128', 'LEB128 is cut off'],
] as const)('%s() says what is missing at the end', (read, state) => {
  const cursor = cursorOver(1, 2);
  cursor.seek(2);
  expect(() => READS[read](cursor)).toThrow(`Cannot read frame table at offset 2: ${state}`);
  expect(cursor.offset).toBe(2);
});

test('ByteCursor stays inside the part of a buffer that it was given', () => {
  const whole = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const cursor = new ByteCursor(whole.subarray(2, 4), 'part');
  expect([cursor.u8(), cursor.u8()]).toEqual([3, 4]);
  expect(() => cursor.u8()).toThrow('Cannot read part at offset 2: u8 needs 1 bytes, 0 left');
  cursor.seek(0);
  expect(cursor.bytes(2)).toEqual(Uint8Array.from([3, 4]));
});

test.each([-1, 3, Number.NaN])('ByteCursor cannot begin at offset %d of two bytes', (offset) => {
  expect(() => new ByteCursor(Uint8Array.from([1, 2]), 'part', offset)).toThrow(
    `Cannot read part at offset 0: offset ${offset} is outside`,
  );
});

test.each([-1, Number.NaN])('skip(%d) and bytes(%d) are errors', (sizeBytes) => {
  const cursor = cursorOver(1, 2);
  expect(() => cursor.skip(sizeBytes)).toThrow(`skipped part needs ${sizeBytes} bytes, 2 left`);
  expect(() => cursor.bytes(sizeBytes)).toThrow(`bytes needs ${sizeBytes} bytes, 2 left`);
  expect(cursor.offset).toBe(0);
});

test('bytes() is a view of the same memory', () => {
  const memory = Uint8Array.from([1, 2, 3]);
  const view = new ByteCursor(memory, 'part', 1).bytes(2);
  memory[1] = 9;
  expect(view).toEqual(Uint8Array.from([9, 3]));
});

test('cString() reads UTF-8 up to the NUL, which it consumes', () => {
  const cursor = new ByteCursor(Buffer.from('naïve\0\0rest'), 'names');
  expect(cursor.cString()).toBe('naïve');
  expect(cursor.cString()).toBe('');
  expect(cursor.offset).toBe(8);
  expect(() => cursor.cString()).toThrow('Cannot read names at offset 8: text has no terminating NUL');
  expect(cursor.offset).toBe(8);
});

test.each([
  ['uleb128', [0x80, 0x80]],
  ['sleb128', [0xff, 0xff]],
] as const)('a cut-off %s() restores the position', (read, bytes) => {
  const cursor = cursorOver(0, ...bytes);
  cursor.u8();
  expect(() => READS[read](cursor)).toThrow('Cannot read frame table at offset 1: LEB128 is cut off');
  expect(cursor.offset).toBe(1);
});

test.each([
  ['uleb128', [0x85, 0x80, 0x00], 5],
  ['sleb128', [0x85, 0x80, 0x00], 5],
  ['sleb128', [0xfb, 0xff, 0x7f], -5],
] as const)('%s() of %j may repeat its padding in the middle', (read, [first, padding, last], value) => {
  const cursor = cursorOver(first, ...Array.from({ length: 400 }, () => padding), last);
  expect(READS[read](cursor)).toBe(value);
  expect(cursor.atEnd).toBe(true);
});

test.each([
  ['uleb128', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 'LEB128 is above 2^53'],
  ['sleb128', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 'LEB128 is beyond ±2^53'],
  ['sleb128', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x70], 'LEB128 is beyond ±2^53'],
] as const)('%s() refuses what a number cannot hold', (read, bytes, state) => {
  const cursor = cursorOver(...bytes);
  expect(() => READS[read](cursor)).toThrow(`Cannot read frame table at offset 0: ${state}`);
  expect(cursor.offset).toBe(0);
});

/** The slow and obvious decoder: all groups into one integer, then its sign. */
function slowLeb128(bytes: readonly number[], isSigned: boolean): bigint {
  let value = 0n;
  bytes.forEach((byte, index) => {
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
  });
  const bitCount = BigInt(7 * bytes.length);
  const isNegative = isSigned && ((value >> (bitCount - 1n)) & 1n) === 1n;
  return isNegative ? value - (1n << bitCount) : value;
}

/** Groups of 7 bits, each but the last marked as continued; long runs of equal groups are what padding looks like. */
const leb128Bytes = fc
  .tuple(
    fc.array(fc.nat(0x7f), { maxLength: 9 }),
    fc.constantFrom(0, 0x7f),
    fc.nat(160),
    fc.nat(0x7f),
    fc.boolean(),
  )
  .map(([groups, padding, paddingCount, last, isPaddedToTheEnd]) => [
    ...[...groups, ...Array.from({ length: paddingCount }, () => padding)].map((group) => group | 0x80),
    isPaddedToTheEnd ? padding : last,
  ]);

for (const [read, isSigned] of [
  ['uleb128', false],
  ['sleb128', true],
] as const) {
  test(`${read}() agrees with a decoder in bigint`, () => {
    fc.assert(
      fc.property(leb128Bytes, (bytes) => {
        const expected = slowLeb128(bytes, isSigned);
        const cursor = cursorOver(...bytes, 0x55);
        if (expected > Number.MAX_SAFE_INTEGER || expected < Number.MIN_SAFE_INTEGER) {
          expect(() => READS[read](cursor)).toThrow(MalformedInputError);
          expect(cursor.offset).toBe(0);
        } else {
          expect(READS[read](cursor)).toBe(Number(expected));
          expect(cursor.offset).toBe(bytes.length);
        }
      }),
      cases(400),
    );
  });
}

test('every read of random bytes answers, or throws MalformedInputError and moves nothing', () => {
  const reads = fc.array(fc.constantFrom(...Object.values(READS)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), reads, (bytes, sequence) => {
      const cursor = new ByteCursor(bytes, 'noise');
      for (const read of sequence) {
        const before = cursor.offset;
        try {
          read(cursor);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
          expect(cursor.offset).toBe(before);
        }
        expect(cursor.offset).toBeLessThanOrEqual(bytes.length);
      }
    }),
    cases(300),
  );
});
