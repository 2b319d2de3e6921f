import { expect, test } from 'vitest';
import { measuredLayout, PythonWriter } from '../../../test/support/python-writer.ts';
import { readLong } from './integers.ts';

/** Of every length up to 200 bits: the least and the greatest, and one of mixed bits. */
const MAGNITUDES = Array.from({ length: 200 }, (_, bits) => [
  2n ** BigInt(bits),
  2n ** BigInt(bits + 1) - 1n,
  BigInt.asUintN(bits + 1, 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834_1082_276b_f3a2_7251_f867_4f5b_21n),
]).flat();

test.each(['2.7', '3.11', '3.12'])('readLong() joins the digits of thirty bits of %s', (version) => {
  const writer = new PythonWriter(measuredLayout(version));
  for (const value of MAGNITUDES.flatMap((magnitude) => [magnitude, -magnitude])) {
    expect(readLong(writer, writer.int(value, 'long').address)).toBe(value);
  }
});

test('readLong() joins digits of fifteen bits', () => {
  const writer = new PythonWriter(measuredLayout('2.7'));
  const { long, rules } = writer.layout;
  const layout = { ...writer.layout, rules: { ...rules, longDigitBits: 15 as const } };
  for (const value of MAGNITUDES) {
    const count = Math.ceil(value.toString(2).length / 15);
    const struct = writer
      .struct(long.digits + 2 * count + 4)
      .word(long.sizeAndSign, value === 0n ? 0 : count);
    for (let index = 0; index < count; index += 2) {
      const pair = value >> BigInt(15 * index);
      struct.u32(long.digits + 2 * index, Number((pair & 0x7fffn) | (((pair >> 15n) & 0x7fffn) << 16n)));
    }
    expect(readLong({ memory: writer.memory, layout }, struct.address)).toBe(value);
  }
});
