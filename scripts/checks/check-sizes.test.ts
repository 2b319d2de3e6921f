import { describe, expect, test } from 'vitest';
import { checkSizes } from './check-sizes.ts';

const rulesFor = (path: string, text = '') => checkSizes([{ path, text }]).map(({ rule }) => rule);

describe('checkSizes()', () => {
  test('refuses the line of code that is one too many', () => {
    expect(rulesFor('src/elf/a.ts', 'f();\n'.repeat(400))).toEqual([]);
    expect(rulesFor('src/elf/a.ts', 'f();\n'.repeat(401))).toEqual(['401 lines of code, 400 are the most']);
  });

  test('counts neither blank lines nor comments, but every line of a text', () => {
    const free = '\n// why\n/** Reads. */\n/*\n more\n*/\n';
    expect(rulesFor('src/elf/a.ts', `${free.repeat(100)}${'f();\n'.repeat(400)}`)).toEqual([]);
    expect(rulesFor('src/elf/a.ts', `const x = \`${'\n'.repeat(400)}\`;`)).toEqual([
      '401 lines of code, 400 are the most',
    ]);
  });

  test('lets a file that a script made be as long as it must', () => {
    const text = `// Made by scripts/make-layouts.ts from offsetof().\n${'f();\n'.repeat(500)}`;
    expect(rulesFor('src/cpython/layouts/tables.ts', text)).toEqual([]);
  });

  test.each(['utils', 'util', 'helpers', 'common', 'shared', 'manager', 'path-utils', 'session-manager'])(
    'refuses the name %s for a file or a folder',
    (name) => {
      expect(rulesFor(`src/elf/${name}.ts`)).toEqual([`the name ${name} says nothing`]);
      expect(rulesFor(`src/${name}/a.ts`)).toEqual([`the name ${name} says nothing`]);
    },
  );

  test.each(['ByteCursor', 'byteCursor', 'byte_cursor', '-byte'])(
    'refuses the name %s, which is not kebab-case',
    (name) => {
      expect(rulesFor(`src/base/${name}.ts`)).toEqual([`the name ${name} is not kebab-case`]);
    },
  );

  test.each([
    'src/base/byte-cursor.test.ts',
    'vitest.config.ts',
    'src/elf/shared-library.ts',
    'src/elf/x86-64.ts',
  ])('takes %s', (path) => {
    expect(rulesFor(path)).toEqual([]);
  });

  test('says nothing of files that are not TypeScript', () => {
    expect(rulesFor('test/programs/deep_stack.py')).toEqual([]);
  });
});
