import { describe, expect, test } from 'vitest';
import { BadArgumentError } from '../../base/errors.ts';
import { functionWishOf } from './function-options.ts';
import { secondsOf, streamWishOf } from './stream-options.ts';

const NOTHING = {
  words: [],
  mod: undefined,
  cls: undefined,
  func: undefined,
  nestedMethod: undefined,
} as const;
const FLAGS = { wrapped: false, anyClass: false } as const;

describe('functionWishOf()', () => {
  test.each([
    [{ words: ['m', 'C', 'f'] }, ['m', 'C', 'f']],
    [{ words: ['f'], mod: 'm' }, ['m', 'f']],
    [{ words: ['m'], cls: 'C', func: 'f' }, ['m', 'C', 'f']],
    [{ words: ['cart.py:51'] }, ['cart.py:51']],
  ])('puts together %j', (typed, words) => {
    expect(functionWishOf({ ...NOTHING, ...FLAGS, ...typed })).toMatchObject({ words, nested: [] });
  });

  test('takes functions within apart, and refuses too many words, or none', () => {
    expect(functionWishOf({ ...NOTHING, ...FLAGS, words: ['m', 'f'], nestedMethod: 'a.b' }).nested).toEqual([
      'a',
      'b',
    ]);
    for (const words of [[], ['a', 'b', 'c', 'd']])
      expect(() => functionWishOf({ ...NOTHING, ...FLAGS, words })).toThrow(BadArgumentError);
  });
});

describe('streamWishOf()', () => {
  const words = { filter: undefined, for: undefined, maxOverhead: undefined, lazy: false };

  test('has 5 % of a CPU as its limit, if it is not said otherwise', () => {
    expect(streamWishOf(words)).toEqual({
      filter: undefined,
      seconds: undefined,
      maxOverhead: 5,
      lazy: false,
    });
    expect(streamWishOf({ ...words, maxOverhead: '12.5%', for: '2m' })).toMatchObject({
      maxOverhead: 12.5,
      seconds: 120,
    });
    expect(streamWishOf({ ...words, maxOverhead: 'none' }).maxOverhead).toBeUndefined();
    expect(() => streamWishOf({ ...words, maxOverhead: '0' })).toThrow(BadArgumentError);
  });

  test('secondsOf() knows units', () => {
    expect(['500ms', '60s', '5m', '1h', '1.5'].map(secondsOf)).toEqual([0.5, 60, 300, 3600, 1.5]);
    for (const bad of ['', 'soon', '-1', '0', '5d']) expect(() => secondsOf(bad)).toThrow(BadArgumentError);
  });
});
