import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteCursor } from '../base/byte-cursor.ts';
import { ByteWriter } from './byte-writer.ts';

const EDGES = [0, 1, 63, 64, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];

test('ByteWriter writes LEB128 that ByteCursor reads', () => {
  const whole = fc.oneof(fc.maxSafeNat(), fc.constantFrom(...EDGES));
  const signed = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...EDGES, ...EDGES.map((edge) => -edge)));
  fc.assert(
    fc.property(fc.array(fc.tuple(whole, signed)), (pairs) => {
      const writer = new ByteWriter();
      for (const [one, other] of pairs) writer.uleb128(one).sleb128(other);
      const cursor = new ByteCursor(writer.bytes, 'test');
      // -0 is written as 0, which it equals.
      for (const [one, other] of pairs)
        expect([cursor.uleb128(), cursor.sleb128() + 0]).toEqual([one, other + 0]);
      expect(cursor.atEnd).toBe(true);
    }),
  );
});

test.each([-1, 0.5, 2 ** 53, Number.NaN])('ByteWriter refuses %d as an unsigned number', (value) => {
  expect(() => new ByteWriter().uleb128(value)).toThrow(RangeError);
});

test('ByteWriter writes 64 bits whole', () => {
  expect([...new ByteWriter().uleb64(2n ** 64n - 1n).bytes]).toEqual([...Array(9).fill(0xff), 1]);
});
