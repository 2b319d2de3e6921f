import { expect, test } from 'vitest';
import { toAddress } from '../../base/address.ts';
import { Regions } from './regions.ts';

test('Regions tell what lies in one of them, asked in any order', () => {
  const regions = new Regions([
    { address: toAddress(0x3000), sizeBytes: 0x1000 },
    { address: toAddress(0x1000), sizeBytes: 0x800 },
  ]);
  const inside = [0x1000, 0x3fff, 0x17ff, 0x3000];
  const outside = [0xfff, 0x1800, 0x2fff, 0x4000, -1, 0];
  expect(inside.map((address) => regions.has(address))).toEqual(inside.map(() => true));
  expect(outside.map((address) => regions.has(address))).toEqual(outside.map(() => false));
  expect(regions.sizeBytes).toBe(0x1800);
  expect(new Regions([]).has(0x1000)).toBe(false);
});
