import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RangeIndex, RangeList } from './range-index.ts';

test('find() gives the ranges over an address as a search through all of them does, the shortest first', () => {
  const range = fc.record({
    start: fc.integer({ min: 1, max: 100 }),
    sizeBytes: fc.nat(30),
    value: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), fc.nat(140), fc.nat(20), (ranges, address, searches) => {
      const list = new RangeList();
      for (const { start, sizeBytes, value } of ranges) list.add(start, start + sizeBytes, value);
      const index = new RangeIndex(list);
      const found = index.find(address);
      // One that is asked often is sorted then.
      for (let search = 0; search < searches; search += 1) expect(index.find(address)).toEqual(found);
      const over = ranges.filter(({ start, sizeBytes }) => start <= address && address < start + sizeBytes);
      expect([...found].sort()).toEqual([...new Set(over.map(({ value }) => value))].sort());
      const shortest = Math.min(...over.map(({ sizeBytes }) => sizeBytes));
      const shortestValues = over.filter(({ sizeBytes }) => sizeBytes === shortest).map(({ value }) => value);
      if (over.length > 0) expect(shortestValues).toContain(found[0]);
    }),
  );
});

test('add() leaves out what a linker discarded', () => {
  const list = new RangeList();
  list.add(0, 100, 1);
  list.add(2 ** 64, 2 ** 64 + 100, 2);
  list.add(50, 50, 3);
  expect(new RangeIndex(list).count).toBe(0);
});
