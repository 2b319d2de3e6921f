import { describe, expect, test } from 'vitest';
import { checkVersions } from './check-versions.ts';

const linesFor = (text: string, path = 'src/cpython/frames.ts') =>
  checkVersions([{ path, text }]).map(({ line }) => line);

describe('checkVersions()', () => {
  test.each([
    'if (version.minor < 11) f();',
    'if (minor >= 13) f();',
    'const old = major === 2;',
    'const old = 2 === version.major;',
    'const same = a.minor === b.minor;',
    'if (versionIsAtLeast(version, 3, 11)) f();',
    'if (version.isAtLeast(3, 11)) f();',
    'if (hex >= 0x030d) f();',
    'if (hex < 0x030d_0000) f();',
    "if (version === '3.11') f();",
    "if (layout.name !== '3.13t') f();",
    "if (version > '2.7.18') f();",
    "const x = version.startsWith('3.1');",
    "const x = ['3.11', '3.12'].includes(version);",
    'switch (version.minor) { default: }',
    "switch (name) { case '3.11': f(); }",
  ])('refuses %s', (text) => {
    expect(linesFor(`\n${text}`)).toContain(2);
  });

  test.each([
    'const text = [version.major, version.minor].join(dot);',
    'if (version.minor === undefined) f();',
    'if (layout.rules.lineTable === "locations") f();',
    'if (dwarfVersion >= 5) f();',
    'if (flags === 0x0300_0000_0) f();',
    'if (count < 311) f();',
    "if (rpc === '2.0') f();",
    "// if (minor < 11)\nconst s = 'minor < 11';",
    "layouts.get('3.11');",
  ])('takes %s', (text) => {
    expect(linesFor(text)).toEqual([]);
  });

  test('leaves the layouts, tests and scripts alone', () => {
    const text = 'if (minor < 11) f();';
    expect(linesFor(text, 'src/cpython/layouts/find.ts')).toEqual([]);
    expect(linesFor(text, 'src/cpython/frames.test.ts')).toEqual([]);
    expect(linesFor(text, 'scripts/make-layouts.ts')).toEqual([]);
  });

  test('says the rule', () => {
    expect(checkVersions([{ path: 'src/report/a.ts', text: 'minor < 3;' }])).toEqual([
      {
        file: 'src/report/a.ts',
        line: 1,
        rule: 'Python versions are told apart only in src/cpython/layouts',
      },
    ]);
  });
});
