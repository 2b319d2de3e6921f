import { expect, test } from 'vitest';
import { TestMemory } from '../../../test/support/test-memory.ts';
import { toAddress } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import { SliceMemory } from './slice-memory.ts';

const STACK = 0x7ffc_0000_0000;
const COPY = toAddress(0x5555_0000_0000);

/** A stack of 12 bytes, of which those from 4 to 8 were copied away. */
function makeMemory(copy: typeof COPY | undefined = COPY): SliceMemory {
  const below = new TestMemory()
    .map(STACK, Uint8Array.of(0, 1, 2, 3, 104, 105, 106, 107, 8, 9, 10, 11))
    .map(COPY, Uint8Array.of(4, 5, 6, 7));
  return new SliceMemory(below, { start: STACK + 4, sizeBytes: 4, copy });
}

test.each([
  [0, 4],
  [4, 4],
  [5, 2],
  [2, 4],
  [6, 4],
  [0, 12],
  [8, 4],
])('SliceMemory.read() from %i on takes %i bytes from where they are', (from, sizeBytes) => {
  const expected = Array.from({ length: sizeBytes }, (_, at) => from + at);
  expect([...makeMemory().read(toAddress(STACK + from), sizeBytes)]).toEqual(expected);
});

test('SliceMemory.read() leaves alone what was not copied', () => {
  const memory = new SliceMemory(new TestMemory().map(STACK, Uint8Array.of(1, 2)), {
    start: STACK,
    sizeBytes: 0,
    copy: undefined,
  });
  expect([...memory.read(toAddress(STACK), 2)]).toEqual([1, 2]);
});

test('SliceMemory.read() throws where the copy is not mapped', () => {
  const memory = makeMemory(toAddress(0x1000));
  expect(() => memory.read(toAddress(STACK), 8)).toThrow(UnreadableMemoryError);
  const ranges = [
    { address: toAddress(STACK), sizeBytes: 2 },
    { address: toAddress(STACK), sizeBytes: 8 },
  ];
  expect(memory.readMany(ranges).map((bytes) => bytes?.length)).toEqual([2, undefined]);
});
