import { expect, test } from 'vitest';
import { makeProfile, SHOP_PROFILE } from '../../test/support/profiles.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { functionRows } from '../profile/function-table.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import { displayWidth } from './display-width.ts';
import { profileTableLines } from './profile-table.ts';
import { ANSI, PLAIN } from './style.ts';

const TREE = new WeightedTree(SHOP_PROFILE);

function table(columns: number | undefined, tree = TREE, style = PLAIN): string[] {
  const labels = new FrameLabels(SHOP_PROFILE);
  return [...profileTableLines(functionRows(tree), { whole: tree.whole, labels, style, columns })];
}

test('profileTableLines() has shares and times of each function, and cuts nothing without a terminal', () => {
  expect(table(undefined).slice(0, 6)).toEqual([
    '   OWN   TOTAL  OWN TIME  TOTAL TIME  FUNCTION',
    '45.0 %  45.0 %    900 ms      900 ms  wait (queue.py:1)',
    '20.0 %  20.0 %    400 ms      400 ms  render (tpl/core.py:1)',
    '12.5 %  12.5 %    250 ms      250 ms  qsort (libc.so.6)',
    '10.0 %  42.5 %    200 ms      850 ms  view (views.py:1)',
    String.raw` 5.0 %   5.0 %    100 ms      100 ms  line\nbreak (app.py:1)`,
  ]);
});

test('profileTableLines() leaves out columns, then cuts names, on a narrow terminal', () => {
  expect(table(37).slice(0, 4)).toEqual([
    '   OWN   TOTAL  FUNCTION',
    '45.0 %  45.0 %  wait (queue.py:1)',
    '20.0 %  20.0 %  render (core.py:1)',
    '12.5 %  12.5 %  qsort (libc.so.6)',
  ]);
});

test.each([20, 30, 40, 60, 80, 120])('profileTableLines() fits %d columns', (columns) => {
  const long = `${'very_'.repeat(20)}long@/srv/shop/${'deep/'.repeat(20)}処理.py:3`;
  const tree = new WeightedTree(makeProfile([{ stack: `main;${long}` }, { stack: '<GC>' }]));
  for (const line of table(columns, tree)) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
});

test('profileTableLines() of nothing has its headings, painted where colours are wanted', () => {
  const nothing = new WeightedTree(makeProfile([]));
  expect(table(80, nothing)).toEqual(['OWN  TOTAL  OWN TIME  TOTAL TIME  FUNCTION']);
  expect(table(80, nothing, ANSI)[0]?.slice(0, 7)).toBe('\u001b[1mOWN');
});
