import { expect, test } from 'vitest';
import { BufferSource } from './buffer-source.ts';

const source = new BufferSource(Uint8Array.from([1, 2, 3, 4]), 'four bytes');

test('read() gives a part of the bytes', () => {
  expect([...source.read(1, 2)]).toEqual([2, 3]);
  expect([...source.read(4, 0)]).toEqual([]);
  expect(source.sizeBytes).toBe(4);
});

test.each([
  [3, 2],
  [-1, 1],
  [0, -1],
  [5, 0],
  [Number.NaN, 1],
])('read() refuses what lies outside: %d, %d bytes', (offset, sizeBytes) => {
  expect(() => source.read(offset, sizeBytes)).toThrow(
    `Cannot read four bytes at offset ${offset}: ${sizeBytes} bytes wanted, there are 4`,
  );
});
