import { describe, expect, test } from 'vitest';
import { checkDocs, stalePages } from './check-docs.ts';
import { GENERATED_PAGES } from './generated-pages.ts';
import type { SourceText } from './source-text.ts';

const generated = GENERATED_PAGES.map(({ path, render }) => ({ path, text: render() }));
const target = { path: 'docs/architecture.md', text: '' };
const table = { path: 'scripts/checks/room-imports.ts', text: '' };
const source = { path: 'src/base/address.ts', text: '' };
const found = (...files: readonly SourceText[]) => checkDocs([...files, target, table, source, ...generated]);
const exportsIn = (text: string) => found({ path: 'src/elf/a.ts', text }).map(({ rule }) => rule);

describe('checkDocs() on exports', () => {
  test.each([
    ['export function read() {}', 'read'],
    ['export class Reader {}', 'Reader'],
    ['export interface Row {}', 'Row'],
    ['export type Row = number;', 'Row'],
    ['export const ROWS = [];', 'ROWS'],
    ['// Reads.\nexport function read() {}', 'read'],
    ['/** */\nexport function read() {}', 'read'],
    ['/** @throws {RangeError} always */\nexport function read() {}', 'read'],
    ['function read() {}\nexport { read };', 'read'],
    ['function read() {}\nexport { read as take };', 'read'],
  ])('refuses %j, which has no sentence', (text, name) => {
    expect(exportsIn(text)).toEqual([`export ${name} has a doc comment of one sentence`]);
  });

  test.each([
    '/** Reads a row. */\nexport function read() {}',
    '/**\n * A row.\n * @throws {RangeError} never\n */\nexport interface Row { size: number }',
    '/** Reads a row. */\nexport function read(a: string): void;\nexport function read(a: number): void;\nexport function read() {}',
    '/** Reads a row. */\nfunction read() {}\nexport { read };',
    "export { read } from './b.ts';",
    'function read() {}',
  ])('takes %j', (text) => {
    expect(exportsIn(text)).toEqual([]);
  });

  test('asks nothing of tests and scripts', () => {
    const text = 'export const x = 1;';
    expect(found({ path: 'src/elf/a.test.ts', text }, { path: 'scripts/a.ts', text })).toEqual([]);
  });
});

describe('checkDocs() on links and paths', () => {
  test('refuses a relative link that leads nowhere', () => {
    const text = 'see\n[guide](guide.md#start) and ![picture](../a.png)\n\n[ref]: ./gone.md "title"';
    expect(found({ path: 'docs/a.md', text })).toEqual([
      { file: 'docs/a.md', line: 2, rule: 'the link leads to docs/guide.md, which does not exist' },
      { file: 'docs/a.md', line: 2, rule: 'the link leads to a.png, which does not exist' },
      { file: 'docs/a.md', line: 4, rule: 'the link leads to docs/gone.md, which does not exist' },
    ]);
  });

  test.each([
    '[page](architecture.md)',
    '[page](./architecture.md#rooms)',
    '[folder](../docs/)',
    '[here](#there)',
    '[far](https://example.org/x.md)',
    '[mail](mailto:someone@example.org)',
    '`[no](link.md)`',
    '```\n[no](link.md)\n```',
  ])('takes %j', (text) => {
    expect(found({ path: 'docs/a.md', text })).toEqual([]);
  });

  test.each(['src/elf/gone.ts', 'docs/gone.md', 'test/gone/', 'scripts/gone.ts:12'])(
    'refuses the path %s in backquotes, in Markdown and in comments',
    (path) => {
      const rule = `${path.replace(/\/$|:\d+$/, '')} does not exist`;
      const quoted = `\`${path}\``;
      expect(found({ path: 'docs/a.md', text: `\n${quoted}` })).toEqual([
        { file: 'docs/a.md', line: 2, rule },
      ]);
      expect(found({ path: 'src/elf/a.ts', text: `\n/**\n * See ${quoted}.\n */` })).toEqual([
        { file: 'src/elf/a.ts', line: 3, rule },
      ]);
    },
  );

  test('refuses a file in a comment without backquotes', () => {
    expect(found({ path: 'src/elf/a.ts', text: 'f(); // Why: docs/decisions/0001-gone.md' })).toEqual([
      { file: 'src/elf/a.ts', line: 1, rule: 'docs/decisions/0001-gone.md does not exist' },
    ]);
  });

  test.each([
    '/** See `docs/architecture.md`, `docs/` and `src/elf/a.ts`. */',
    '/** `docs/decisions/NNNN-title.md`, `src/*.ts`, `src/<room>/README.md` */',
    '// cpython/Objects/dictobject.c, other/src/gone.ts',
    "const path = 'src/gone.ts';",
  ])('takes %j', (text) => {
    expect(found({ path: 'src/elf/a.ts', text })).toEqual([]);
  });
});

describe('stalePages()', () => {
  const pages = [{ path: 'docs/page.md', render: () => 'one\ntwo\n' }];

  test('names the first line that differs', () => {
    expect(stalePages([{ path: 'docs/page.md', text: 'one\n2\n' }], pages)).toEqual([
      { file: 'docs/page.md', line: 2, rule: 'the generated page equals its source: npm run make-docs' },
    ]);
    expect(stalePages([{ path: 'docs/page.md', text: 'one' }], pages)).toHaveLength(1);
  });

  test('misses a page that is not there', () => {
    expect(stalePages([], pages)).toEqual([
      { file: 'docs/page.md', line: 1, rule: 'the generated page is there: npm run make-docs' },
    ]);
  });

  test('takes a page that is equal', () => {
    expect(stalePages([{ path: 'docs/page.md', text: 'one\ntwo\n' }], pages)).toEqual([]);
  });
});
