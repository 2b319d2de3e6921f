import { expect, test } from 'vitest';
import { fittingText, neighbour, outermostMatches, parentsOf } from './box-geometry.ts';

/** all(100) > main(60) > [walk(40) > walk(30), sort(10)], poll(40). */
const BOXES = [
  { start: 0, width: 100, depth: 0 },
  { start: 0, width: 60, depth: 1 },
  { start: 0, width: 40, depth: 2 },
  { start: 0, width: 30, depth: 3 },
  { start: 40, width: 10, depth: 2 },
  { start: 60, width: 40, depth: 1 },
];
const PARENTS = parentsOf(BOXES);

test('parentsOf() finds what each box hangs on', () => {
  expect(PARENTS).toEqual([-1, 0, 1, 2, 1, 0]);
});

test.each([
  [[2, 3], [40]],
  [
    [3, 4, 5],
    [30, 10, 40],
  ],
  [[1, 4], [60]],
  [[], []],
])('outermostMatches() of boxes %j has what is below another match once: widths %j', (matches, widths) => {
  const found = outermostMatches(BOXES, (index) => matches.includes(index));
  expect(found.map(({ width }) => width)).toEqual(widths);
});

test.each([
  [1, 'ArrowUp', 0],
  [0, 'ArrowUp', 0],
  [1, 'ArrowDown', 2],
  [3, 'ArrowDown', 3],
  [2, 'ArrowRight', 4],
  [4, 'ArrowRight', 4],
  [5, 'ArrowLeft', 1],
])('neighbour() of box %d by %s: %d', (from, key, to) => {
  expect(neighbour(PARENTS, from, key)).toBe(to);
});

test.each([
  ['handle', 10, 'handle'],
  ['handle', 6, 'handle'],
  ['handle', 5, 'hand…'],
  ['handle', 2, ''],
  ['処理する', 8, '処理する'],
  ['処理する', 5, '処…'],
  ['処理する', 3, ''],
])('fittingText() of %s in %d cells: %j', (text, characters, fitting) => {
  expect(fittingText(text, characters)).toBe(fitting);
});
