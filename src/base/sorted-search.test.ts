import { expect, test } from 'vitest';
import { lastAtOrBefore, lastStartingAtOrBefore, rangeHolding } from './sorted-search.ts';

const RANGES = [
  { start: 10, end: 20 },
  { start: 20, end: 25 },
  { start: 40, end: 50 },
];

test.each([
  [9, -1, undefined],
  [10, 0, RANGES[0]],
  [19, 0, RANGES[0]],
  [20, 1, RANGES[1]],
  [30, 1, undefined],
  [49, 2, RANGES[2]],
  [50, 2, undefined],
])('the ranges before %i and around it', (value, last, holding) => {
  expect(
    lastAtOrBefore(
      Float64Array.from(RANGES, ({ start }) => start),
      value,
    ),
  ).toBe(last);
  expect(lastStartingAtOrBefore(RANGES, value)).toBe(last);
  expect(rangeHolding(RANGES, value)).toBe(holding);
});

test('lastAtOrBefore() takes the last of equal numbers', () => {
  expect([lastAtOrBefore([1, 2, 2, 2, 3], 2), lastAtOrBefore([], 2)]).toEqual([3, -1]);
});
