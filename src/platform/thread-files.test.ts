import { expect, test } from 'vitest';
import { mainThreadFirst } from './thread-files.ts';

test.each([
  [877, [1283, 877], [877, 1283]],
  [32_700, [32_700, 877, 1283], [32_700, 877, 1283]],
  [12, [12], [12]],
  [12, [], []],
])('mainThreadFirst() of process %i orders %j by number', (pid, listed, ordered) => {
  expect(mainThreadFirst(pid, listed)).toEqual(ordered);
});
