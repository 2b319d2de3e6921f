import { describe, expect, test } from 'vitest';
import { checkIo } from './check-io.ts';

const rulesFor = (text: string, path = 'src/report/a.ts') =>
  checkIo([{ path, text }]).map(({ rule }) => rule);

describe('checkIo()', () => {
  test.each([
    'node:fs',
    'node:fs/promises',
    'node:child_process',
    'node:worker_threads',
    'node:http',
    'koffi',
    'fs',
  ])('refuses %s, also when it is loaded lazily', (name) => {
    const rule = `only platform and cli/main.ts may use ${name}`;
    expect(rulesFor(`import { x } from '${name}';`)).toEqual([rule]);
    expect(rulesFor(`const x = await import('${name}');`)).toEqual([rule]);
  });

  test.each([
    "import type { Stats } from 'node:fs';",
    "import { type Stats, type Dirent } from 'node:fs';",
    "type Stats = import('node:fs').Stats;",
  ])('takes what is left out at run time: %s', (text) => {
    expect(rulesFor(text)).toEqual([]);
  });

  test('refuses an import of which a part stays at run time', () => {
    expect(rulesFor("import { type Stats, statSync } from 'node:fs';")).toHaveLength(1);
  });

  test.each([
    ['process.exit(1);', 'process'],
    ['const { env } = process;', 'process'],
    ['run(process);', 'process'],
    ['globalThis.process.exit(1);', 'process'],
    ["console.log('x');", 'console'],
    ["await fetch('http://host');", 'fetch'],
    ['const out = { console };', 'console'],
    ['function f() { { const process = 1; } return process.pid; }', 'process'],
  ])('refuses the global in %s', (text, name) => {
    expect(rulesFor(text)).toEqual([`only platform and cli/main.ts may use the global ${name}`]);
  });

  test.each([
    'const process = await attach(4242); process.resume();',
    'function show(process: Target) { return process.pid; }',
    'const show = ({ process }: Options) => process.pid;',
    'for (const process of all) process.close();',
    "import { process } from './target.ts'; process.close();",
    'interface Snapshot { readonly process: Facts }',
    'const taken = { process: facts };',
    'const pid = snapshot.process.pid;',
    'class Target { process(): void {} }',
    '// process.exit(1)',
    'const text = "console.log";',
  ])('takes a name that is not the global: %s', (text) => {
    expect(rulesFor(text)).toEqual([]);
  });

  test.each([
    'src/platform/a.ts',
    'src/formats/browser/a.ts',
    'src/cli/main.ts',
    'scripts/a.ts',
    'test/live/a.ts',
    'bench/a.ts',
    'src/elf/a.test.ts',
  ])('leaves %s alone', (path) => {
    expect(rulesFor("import 'node:fs'; process.exit(); console.log();", path)).toEqual([]);
  });

  test('names file and line', () => {
    expect(checkIo([{ path: 'src/cli/a.ts', text: '\n\nprocess.exit();' }])).toEqual([
      { file: 'src/cli/a.ts', line: 3, rule: 'only platform and cli/main.ts may use the global process' },
    ]);
  });
});
