import { describe, expect, test } from 'vitest';
import { withExceptions } from './exceptions.ts';
import type { SourceText } from './source-text.ts';

/** Refuses every line that says `bad`. */
const checkBad = withExceptions('check-bad', (files) =>
  files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        line.includes('bad()') ? [{ file: path, line: index + 1, rule: 'bad' }] : [],
      ),
  ),
);

const found = (...lines: readonly string[]) => {
  const files: readonly SourceText[] = [{ path: 'src/elf/a.ts', text: lines.join('\n') }];
  return checkBad(files).map(({ line, rule }) => `${line}: ${rule}`);
};

describe('withExceptions()', () => {
  test('leaves a finding without an exception', () => {
    expect(found('good();', 'bad();')).toEqual(['2: bad']);
  });

  test('excuses the line of the exception and the next one, no more', () => {
    expect(found('bad(); // check-bad-ignore: measured')).toEqual([]);
    expect(found('// check-bad-ignore: measured', 'bad();', 'bad();')).toEqual(['3: bad']);
  });

  test('refuses an exception that excuses nothing', () => {
    expect(found('// check-bad-ignore: measured', 'good();')).toEqual([
      '1: the exception from check-bad excuses nothing',
    ]);
  });

  test('refuses an exception without a reason', () => {
    expect(found('// check-bad-ignore:', 'bad();')).toEqual([
      '1: the exception from check-bad gives its reason',
    ]);
  });

  test('leaves exceptions from other checks to those, and text that is no comment', () => {
    expect(found('// check-worse-ignore: measured', 'bad();')).toEqual(['2: bad']);
    expect(found('const text = "// check-bad-ignore: measured";', 'bad();')).toEqual(['2: bad']);
  });
});
