import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeElf } from '../../test/support/elf-writer.ts';
import { cases } from '../../test/support/fuzzing.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { type VersionsToWrite, versionSections } from '../../test/support/version-tables.ts';
import { MalformedInputError } from '../base/errors.ts';
import { readElf } from './elf-file.ts';
import { readSymbolVersions, type SymbolVersions } from './symbol-versions.ts';

const VERSIONS: VersionsToWrite = {
  symbols: [0, 1, 2, 0x8003, 4, 9],
  defined: [
    { index: 1, name: 'libtest.so.6' },
    { index: 2, name: 'GLIBC_2.34' },
    { index: 3, name: 'GLIBC_2.2.5' },
  ],
  needed: [{ index: 4, name: 'GCC_3.0' }],
};

function versionsIn(bytes: Uint8Array): SymbolVersions | undefined {
  return readSymbolVersions(readElf(new TestSource(bytes)));
}

test.each([
  ['a local one', 0, ''],
  ['one of the base version', 1, ''],
  ['one of the version that linking takes', 2, '@@GLIBC_2.34'],
  ['one of an older version', 3, '@GLIBC_2.2.5'],
  ['one of a version that another file defines', 4, '@GCC_3.0'],
  ['one of a version that nothing names', 5, ''],
  ['one behind the table', 6, ''],
])('suffixOf() gives what follows the name of a symbol: %s', (_what, index, suffix) => {
  expect(versionsIn(writeElf({ sections: versionSections(VERSIONS) }))?.suffixOf(index)).toBe(suffix);
});

test('readSymbolVersions() finds none in a file without versions', () => {
  expect(versionsIn(writeElf({ sections: [] }))).toBeUndefined();
});

test('readSymbolVersions() refuses a chain that leads out of its section', () => {
  const sections = versionSections(VERSIONS).map((section) =>
    section.name === '.gnu.version_d'
      ? { ...section, bytes: section.bytes?.subarray(0, 40) ?? new Uint8Array() }
      : section,
  );
  expect(() => versionsIn(writeElf({ sections }))).toThrow(
    'Cannot read .gnu.version_d of test.so at offset 40: u32 needs 4 bytes, 0 left',
  );
});

test('readSymbolVersions() answers or throws MalformedInputError for any bytes', () => {
  const written = versionSections(VERSIONS);
  const patch = fc.tuple(fc.nat(200), fc.oneof(fc.nat(255), fc.constant(0)));
  fc.assert(
    fc.property(fc.nat(3), fc.array(patch, { minLength: 1, maxLength: 8 }), (chosen, patches) => {
      const sections = written.map((section, index) => {
        if (index !== chosen || section.bytes === undefined) return section;
        const bytes = Uint8Array.from(section.bytes);
        for (const [at, value] of patches) bytes[at % bytes.length] = value;
        return { ...section, bytes };
      });
      try {
        versionsIn(writeElf({ sections }))?.suffixOf(3);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedInputError);
      }
    }),
    cases(200),
  );
});
