import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from './line-diff.ts';

const diff = (before: string, after: string): readonly string[] => [
  ...unifiedDiff(before, after, { before: 10, after: 20 }),
];

test('unifiedDiff() has a hunk for each change, with the lines around it and the numbers of both files', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk';
  expect(diff(before, before.replace('b', 'B').replace('j', 'j\nJ'))).toEqual([
    '@@ -10,5 +20,5 @@',
    ' a',
    '-b',
    '+B',
    ' c',
    ' d',
    ' e',
    '@@ -17,4 +27,5 @@',
    ' h',
    ' i',
    ' j',
    '+J',
    ' k',
  ]);
});

test('unifiedDiff() says nothing of texts that are the same', () => {
  expect(diff('a\nb', 'a\nb')).toEqual([]);
});

test('unifiedDiff() gives up to compare texts of many thousands of lines, and shows both', () => {
  const many = (letter: string): string =>
    Array.from({ length: 3000 }, (_, index) => letter + index).join('\n');
  expect(diff(many('a'), many('b'))).toHaveLength(1 + 6000);
});

test('unifiedDiff() holds the old text in its lines without +, and the new one in those without -', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diff(before, after).filter((line) => !line.startsWith('@@'));
      if (before === after) return;
      const within = (mark: string): string =>
        lines
          .filter((line) => !line.startsWith(mark))
          .map((line) => line.slice(1))
          .join('\n');
      expect(before).toContain(within('+'));
      expect(after).toContain(within('-'));
    }),
  );
});
