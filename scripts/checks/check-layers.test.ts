import { describe, expect, test } from 'vitest';
import { checkLayers } from './check-layers.ts';
import { MAY_IMPORT } from './room-imports.ts';

const found = (path: string, text: string) => checkLayers([{ path, text }]);

describe('checkLayers()', () => {
  test.each([
    ["import { x } from '../platform/x.ts';"],
    ["import x from '../platform/x.ts';"],
    ["import * as x from '../platform/x.ts';"],
    ["import '../platform/x.ts';"],
    ["import type { X } from '../platform/x.ts';"],
    ["import x = require('../platform/x.ts');"],
    ["export { x } from '../platform/x.ts';"],
    ["export * from '../platform/x.ts';"],
    ["export type { X } from '../platform/x.ts';"],
    ["const x = await import('../platform/x.ts');"],
    ['const x = await import(`../platform/x.ts`);'],
    ["type X = import('../platform/x.ts').X;"],
    ["const x = require('../platform/x.ts');"],
    ["const x = require.resolve('../platform/x.ts');"],
  ])('refuses cpython importing platform in the form %s', (text) => {
    expect(found('src/cpython/a.ts', `\n${text}`)).toEqual([
      { file: 'src/cpython/a.ts', line: 2, rule: 'cpython may not import platform (src/platform/x.ts)' },
    ]);
  });

  test('takes imports that the table allows, and those of the own room', () => {
    const text = "import { a } from '../base/a.ts';\nimport { b } from './layouts/b.ts';";
    expect(found('src/cpython/a.ts', text)).toEqual([]);
  });

  test('does not take text that only looks like an import', () => {
    const text = "// import x from '../platform/x.ts'\nconst s = \"import x from '../platform/x.ts'\";";
    expect(found('src/cpython/a.ts', text)).toEqual([]);
  });

  test('resolves the path of an import from a folder inside a room', () => {
    expect(found('src/cpython/layouts/a.ts', "import '../../report/x.ts';")).toEqual([
      { file: 'src/cpython/layouts/a.ts', line: 1, rule: 'cpython may not import report (src/report/x.ts)' },
    ]);
  });

  test('refuses a room without a row, and a file in no room', () => {
    expect(checkLayers([{ path: 'src/misc/a.ts', text: '' }])).toEqual([
      { file: 'src/misc/a.ts', line: 1, rule: 'room misc has no row in scripts/checks/room-imports.ts' },
    ]);
    expect(checkLayers([{ path: 'src/a.ts', text: '' }])).toEqual([
      { file: 'src/a.ts', line: 1, rule: 'a source file lies in a room' },
    ]);
  });

  test.each(['test/support/x.ts', 'scripts/x.ts', 'bench/x.ts'])('refuses src importing %s', (target) => {
    expect(found('src/base/a.ts', `import '../../${target}';`)).toEqual([
      { file: 'src/base/a.ts', line: 1, rule: `src may not import ${target}` },
    ]);
  });

  test('lets a test beside its source import test/support, node: modules and packages, but not another room', () => {
    const text = [
      "import '../../test/support/test-memory.ts';",
      "import 'node:fs';",
      "import 'vitest';",
      "import '../api/index.ts';",
      "import '../../test/live/x.ts';",
    ].join('\n');
    expect(found('src/elf/a.test.ts', text)).toEqual([
      { file: 'src/elf/a.test.ts', line: 4, rule: 'elf may not import api (src/api/index.ts)' },
      { file: 'src/elf/a.test.ts', line: 5, rule: 'src may not import test/live/x.ts' },
    ]);
  });

  test('lets only platform and cli/main.ts import node: modules with I/O', () => {
    const text =
      "import 'node:net';\nimport { posix } from 'node:path';\nimport type { Socket } from 'node:net';";
    expect(found('src/platform/a.ts', text)).toEqual([]);
    expect(found('src/cli/main.ts', text)).toEqual([]);
    expect(found('src/cli/prompt.ts', text)).toEqual([
      { file: 'src/cli/prompt.ts', line: 1, rule: 'only platform and cli/main.ts may import node:net' },
    ]);
  });

  test('lets a package be imported where its row says, and refuses one without a row', () => {
    expect(found('src/cli/a.ts', "import 'commander';")).toEqual([]);
    expect(found('src/report/a.ts', "import 'commander';\nimport '@scope/table/x';")).toEqual([
      { file: 'src/report/a.ts', line: 1, rule: 'only cli may import commander' },
      {
        file: 'src/report/a.ts',
        line: 2,
        rule: 'package @scope/table has no row in scripts/checks/room-imports.ts',
      },
    ]);
  });

  test('lets a file outside src be imported where its row says', () => {
    const text = "import manifest from '../../package.json' with { type: 'json' };";
    expect(found('src/cli/version.ts', text)).toEqual([]);
    expect(found('src/elf/version.ts', text)).toEqual([
      { file: 'src/elf/version.ts', line: 1, rule: 'src may not import package.json' },
    ]);
  });

  test('refuses a computed import', () => {
    expect(found('src/base/a.ts', 'await import(name);')).toEqual([
      { file: 'src/base/a.ts', line: 1, rule: 'an import names its module in plain text' },
    ]);
  });

  test('reports a circle of files inside a room once, with its way', () => {
    const files = [
      { path: 'src/elf/a.ts', text: "import './b.ts';" },
      { path: 'src/elf/b.ts', text: "import './deep/c.ts';" },
      { path: 'src/elf/deep/c.ts', text: "\nimport { B } from '../b.ts';" },
    ];
    expect(checkLayers(files)).toEqual([
      {
        file: 'src/elf/deep/c.ts',
        line: 2,
        rule: 'files import each other in a circle: src/elf/b.ts → src/elf/deep/c.ts → src/elf/b.ts',
      },
    ]);
  });

  test.each(["import type { A } from './a.ts';", "const a = () => import('./a.ts');"])(
    'takes %s for no part of a circle',
    (text) => {
      const files = [
        { path: 'src/elf/a.ts', text: "import './b.ts';" },
        { path: 'src/elf/b.ts', text },
      ];
      expect(checkLayers(files)).toEqual([]);
    },
  );

  test('takes two ways to the same file for no circle', () => {
    const files = [
      { path: 'src/elf/a.ts', text: "import './b.ts';\nimport './c.ts';" },
      { path: 'src/elf/b.ts', text: "import './d.ts';" },
      { path: 'src/elf/c.ts', text: "import './d.ts';" },
      { path: 'src/elf/d.ts', text: '' },
    ];
    expect(checkLayers(files)).toEqual([]);
  });
});

describe('MAY_IMPORT', () => {
  test('names only rooms that have a row', () => {
    const named = Object.values(MAY_IMPORT).flat();
    expect(named.filter((room) => MAY_IMPORT[room] === undefined)).toEqual([]);
  });

  test('has no circle: every room can be put after those that it imports', () => {
    const placed = new Set<string>();
    const waiting = new Set(Object.keys(MAY_IMPORT));
    for (let round = 0; round < Object.keys(MAY_IMPORT).length; round += 1) {
      for (const room of waiting) {
        if ((MAY_IMPORT[room] ?? []).every((other) => placed.has(other))) placed.add(room);
      }
      for (const room of placed) waiting.delete(room);
    }
    expect([...waiting]).toEqual([]);
  });

  test.each([
    ['cpython', 'platform'],
    ['report', 'inspect'],
    ['formats', 'inspect'],
    ['cli', 'target'],
    ['cli', 'inspect'],
  ])('keeps %s from importing %s', (room, wall) => {
    expect(MAY_IMPORT[room]).not.toContain(wall);
  });
});
