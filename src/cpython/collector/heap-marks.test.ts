import { expect, test } from 'vitest';
import { HeapMarks } from './heap-marks.ts';

test('HeapMarks tells which addresses were marked before, near and far from each other', () => {
  const marks = new HeapMarks();
  const addresses = [0x7f00_0000_0000, 0x7f00_0000_0008, 0x7f00_0001_fff8, 0x7f00_0002_0000, 0x1000];
  expect(addresses.map((address) => marks.add(address))).toEqual(addresses.map(() => true));
  expect(addresses.map((address) => marks.add(address))).toEqual(addresses.map(() => false));
  expect(addresses.map((address) => marks.has(address))).toEqual(addresses.map(() => true));
  expect([0x7f00_0000_0010, 0x9000_0000].map((address) => marks.has(address))).toEqual([false, false]);
  expect(marks.add(0x7f00_0000_0010)).toBe(true);
});
