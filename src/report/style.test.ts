import { expect, test } from 'vitest';
import { ANSI, PLAIN } from './style.ts';

test.each([
  ['bold', '\u001b[1mx\u001b[0m'],
  ['faint', '\u001b[2mx\u001b[0m'],
  ['red', '\u001b[31mx\u001b[0m'],
  ['green', '\u001b[32mx\u001b[0m'],
  ['yellow', '\u001b[33mx\u001b[0m'],
  ['blue', '\u001b[34mx\u001b[0m'],
] as const)('ANSI.%s() puts one attribute and a reset around the text', (name, expected) => {
  expect(ANSI[name]('x')).toBe(expected);
  expect(PLAIN[name]('x')).toBe('x');
});

test('ANSI.red() adds nothing to an empty text', () => {
  expect(ANSI.red('')).toBe('');
});
