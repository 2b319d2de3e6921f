import { expect, test } from 'vitest';
import { nearestWord } from './nearest.ts';

const WORDS = ['ps', 'stack', 'remote', 'help'];

test.each([
  ['stak', 'stack'],
  ['satck', 'stack'],
  ['stacks', 'stack'],
  ['remtoe', 'remote'],
  ['Help', 'help'],
  ['p', undefined],
  ['watch', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
])('nearestWord() takes %s for %s', (typed, expected) => {
  expect(nearestWord(typed, WORDS)).toBe(expected);
});

test('nearestWord() prefers the nearer word', () => {
  expect(nearestWord('stack', ['stacks', 'stack'])).toBe('stack');
});
