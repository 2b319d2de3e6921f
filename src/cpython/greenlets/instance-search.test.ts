import { expect, test } from 'vitest';
import { TestMemory } from '../../../test/support/test-memory.ts';
import { toAddress } from '../../base/address.ts';
import { findInstances } from './instance-search.ts';

const HEAP = 0x7f00_0000_0000;
const [FIRST, SECOND] = [toAddress(0x7f11_2233_4450), toAddress(0x5555_6677_8890)];

test('findInstances() finds what points to one of the types, once, also at the seams of what is read', () => {
  const seam = 1 << 20;
  const memory = new TestMemory().mapWords(HEAP, seam + 4096, {
    24: FIRST,
    [seam + 8]: SECOND,
    [seam - 8]: FIRST,
    // Another address with the same middle bits.
    800: FIRST + 2 ** 40,
  });
  const { addresses, unsearchedBytes } = findInstances(memory, {
    ranges: [{ address: toAddress(HEAP), sizeBytes: seam + 4096 }],
    types: new Set([FIRST, SECOND]),
    typeOffset: 8,
    mostBytes: 2 * seam,
  });
  expect([...addresses].sort((a, b) => a - b)).toEqual([HEAP + 16, HEAP + seam - 16, HEAP + seam]);
  expect(unsearchedBytes).toBe(0);
});

test('findInstances() leaves out what is too large, and what is not mapped', () => {
  const memory = new TestMemory().mapWords(HEAP, 4096, { 8: FIRST });
  const { addresses, unsearchedBytes } = findInstances(memory, {
    ranges: [
      { address: toAddress(HEAP + 8192), sizeBytes: 1 << 30 },
      { address: toAddress(HEAP), sizeBytes: 4096 },
      { address: toAddress(0x1000), sizeBytes: 4096 },
    ],
    types: new Set([FIRST]),
    typeOffset: 8,
    mostBytes: 1 << 20,
  });
  expect([addresses, unsearchedBytes]).toEqual([[HEAP], 1 << 30]);
});
