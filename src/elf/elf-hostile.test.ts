import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeLibrary } from '../../test/support/elf-library.ts';
import { SHF, writeElf } from '../../test/support/elf-writer.ts';
import { cases, damagedFiles } from '../../test/support/fuzzing.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { MalformedInputError } from '../base/errors.ts';
import { type ElfFile, readElf } from './elf-file.ts';
import { loadBiasOf } from './load-bias.ts';

const SYMBOLS = ['_PyRuntime', 'Py_Main', 'PyObject_Repr', 'main'].map((name) => ({ name, value: 0x2000 }));
const NAMES = [...SYMBOLS.map(({ name }) => name), 'absent'];

const COMPRESSED = Buffer.concat([
  Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 64]),
  new Uint8Array(15),
  deflateSync(new Uint8Array(64)),
]);

const LIBRARIES = (['gnu', 'sysv', 'none'] as const).flatMap((hash) =>
  [true, false].map((hasSectionHeaders) =>
    writeLibrary({
      exported: SYMBOLS,
      internal: [...SYMBOLS, { name: 'interp_head', binding: 0 }],
      hash,
      hasSectionHeaders,
      buildId: Uint8Array.from([1, 2, 3, 4]),
      sections: [
        { name: '.debug_info', bytes: COMPRESSED, flags: SHF.compressed },
        { name: '.gnu_debuglink', bytes: Uint8Array.from(Buffer.from('python.debug\0\0\0\0abcd')) },
      ],
    }),
  ),
);

const MESSAGE = /^Cannot read .*test\.so.* at offset \d+: /;

/** Asks everything that an ElfFile answers; each answer may be a MalformedInputError and nothing else. */
function askAll(source: TestSource): void {
  const elf = answer(() => readElf(source));
  if (elf === undefined) return;
  for (const name of NAMES) answer(() => elf.findSymbol(name));
  answer(() => [...elf.symbols('dynsym')]);
  answer(() => [...elf.symbols('symtab')]);
  answer(() => elf.buildId);
  answer(() => elf.debugLink);
  askSections(elf);
  for (const segment of elf.segments) {
    answer(() => elf.segmentBytes(segment));
    loadBiasOf(elf, { start: 0x7f00_0000_0000, fileOffset: segment.fileOffset, isExecutable: true });
  }
  // Every name costs a dozen reads; a walk without an end would pass any bound.
  expect(source.reads.length).toBeLessThan(5000);
}

function askSections(elf: ElfFile): void {
  for (const section of answer(() => elf.sections) ?? []) answer(() => elf.sectionBytes(section));
}

function answer<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    if (!MESSAGE.test(error.message)) throw error;
    return undefined;
  }
}

test('ElfFile answers or throws MalformedInputError for a file cut off anywhere', () => {
  for (const bytes of LIBRARIES.slice(0, 2)) {
    for (let end = 0; end <= bytes.length; end += 1) askAll(new TestSource(bytes.subarray(0, end)));
  }
});

test('ElfFile answers or throws MalformedInputError for a file with bytes changed', () => {
  const files = damagedFiles(
    LIBRARIES,
    [0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0],
    [0, 0, 0, 0],
    [1, 0, 0, 0],
  );
  fc.assert(
    fc.property(files, (bytes) => {
      askAll(new TestSource(bytes));
    }),
    cases(300),
  );
});

test('ElfFile answers or throws MalformedInputError for a header before random bytes', () => {
  const header = writeElf({}).subarray(0, 64);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 48 }),
      fc.uint8Array({ maxLength: 2000, size: 'max' }),
      (fields, rest) => {
        const start = Uint8Array.from(header);
        start.set(fields, 16);
        askAll(new TestSource(Buffer.concat([start, rest])));
      },
    ),
    cases(200),
  );
});

test('ElfFile answers or throws MalformedInputError for random bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => askAll(new TestSource(bytes))));
});
