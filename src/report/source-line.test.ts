import { expect, test } from 'vitest';
import { at } from '../../test/support/snapshots.ts';
import { formatSourceLine } from './source-line.ts';
import { ANSI, PLAIN } from './style.ts';

const blue = (text: string): string => `\u001b[34m${text}\u001b[0m`;

test('formatSourceLine() leaves out the blanks around the line', () => {
  expect(formatSourceLine('\t  spin()  \n', at(3), PLAIN)).toBe('spin()');
});

test.each([
  ['plain without columns', '    spin()\n', at(3), 'spin()'],
  ['one call', '    x = spin(1)\n', at(3, 8, 15), `x = ${blue('spin(1)')}`],
  ['after a character of two bytes', '  é = spin(1)\n', at(3, 7, 14), `é = ${blue('spin(1)')}`],
  [
    'after characters of three bytes',
    "  f('数据', spin(1))\n",
    at(3, 14, 21),
    `f('数据', ${blue('spin(1)')})`,
  ],
  ['after a character of four bytes', "  f('😀', spin())\n", at(3, 12, 18), `f('😀', ${blue('spin()')})`],
  ['an expression of one wide character', 'a = "数"\n', at(1, 4, 9), `a = ${blue('"数"')}`],
  ['columns that begin in the blanks', '    spin()\n', at(3, 0, 10), blue('spin()')],
  ['columns beyond the line', 'spin()\n', at(3, 90, 95), 'spin()'],
  ['columns that span nothing', 'spin()\n', at(3, 2, 2), 'spin()'],
])('formatSourceLine() paints %s', (_, line, position, expected) => {
  expect(formatSourceLine(line, position, ANSI)).toBe(expected);
});

test('formatSourceLine() paints an expression of several lines to the end of its first', () => {
  const position = { line: 3, endLine: 5, column: 8, endColumn: 1 };
  expect(formatSourceLine('    x = spin(  \n', position, ANSI)).toBe(`x = ${blue('spin(')}`);
});

test('formatSourceLine() keeps tabs within the line', () => {
  expect(formatSourceLine('\tx\t= 1\n', at(1), PLAIN)).toBe('x\t= 1');
});

test('formatSourceLine() escapes what a terminal would obey', () => {
  expect(formatSourceLine('x = "\u001b[2J"', at(1, 4, 10), ANSI)).toBe(`x = ${blue('"\\x1b[2J"')}`);
});
