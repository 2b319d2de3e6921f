import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { globPattern } from './glob-pattern.ts';

test.each([
  ['*', 'anything/at\nall', true],
  ['shop.*', 'shop.views', true],
  ['shop.*', 'shopXviews', false],
  ['v?ew', 'view', true],
  ['v?ew', 'vew', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[!a-c]x', 'dx', true],
  ['[c-a]x', '-x', true],
  ['a(b)+', 'a(b)+', true],
  ['view', 'a view', false],
  ['***', '', true],
  ['[', '[', true],
])('globPattern() of %j and %j: %s', (glob, text, isMatch) => {
  expect(globPattern(glob).test(text)).toBe(isMatch);
});

test('globPattern() makes a pattern of any text, which ends soon', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (glob, text) => {
      globPattern(glob).test(text);
    }),
    cases(500),
  );
  expect(globPattern('*'.repeat(60)).test('a'.repeat(1000))).toBe(true);
});
