import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODE, writeCodeFile } from '../../test/support/code-file.ts';
import { cases, damagedFiles } from '../../test/support/fuzzing.ts';
import { R, relocations, STUBS, stubs } from '../../test/support/plt-writer.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { versionSections } from '../../test/support/version-tables.ts';
import { writeXz } from '../../test/support/xz-writer.ts';
import { MalformedInputError } from '../base/errors.ts';
import { readElf } from '../elf/elf-file.ts';
import { alternateFileCandidates, debugFileCandidates, matchesDebugFile } from './debug-files.ts';
import { FunctionSymbols } from './function-symbols.ts';

const WORDS = 0x5000;
const SYMBOLS = ['read', 'malloc', 'memcpy', '_start'].map((name, index) => ({
  name,
  value: CODE + 24 * index,
  sizeBytes: 8 * index,
}));

const FILES = [true, false].map((hasSymtab) =>
  writeCodeFile({
    dynsym: SYMBOLS.slice(0, 2),
    ...(hasSymtab ? { symtab: SYMBOLS } : {}),
    sections: [
      ...versionSections({
        symbols: [0, 2, 0x8003],
        defined: [{ index: 2, name: 'V2' }],
        needed: [{ index: 3, name: 'V3' }],
      }),
      stubs('.plt', [undefined, { word: WORDS }, { word: WORDS + 8 }]),
      relocations('.rela.plt', [
        { word: WORDS, symbol: 1 },
        { word: WORDS + 8, type: R.irelative, addend: CODE },
      ]),
      { name: '.gnu_debugdata', bytes: writeXz({ blocks: [writeCodeFile({ symtab: SYMBOLS })] }) },
      { name: '.gnu_debuglink', bytes: Buffer.from('x.debug\0abcd') },
      { name: '.gnu_debugaltlink', bytes: Buffer.from('x.dwz\0abcd') },
    ],
  }),
);

const ADDRESSES = [0, CODE, CODE + 25, CODE + 80, STUBS, STUBS + 17, STUBS + 40, 2 ** 40];

/** Asks everything: find() always answers, and the rest may throw MalformedInputError. */
function askAll(bytes: Uint8Array): void {
  const source = new TestSource(bytes);
  try {
    const elf = readElf(source);
    const symbols = new FunctionSymbols(elf, elf);
    for (const [address, { start }] of symbols.find(ADDRESSES)) expect(start).toBeLessThanOrEqual(address);
    debugFileCandidates(elf, { path: '/opt/x' });
    alternateFileCandidates(elf, { path: '/opt/x' });
    matchesDebugFile(elf, elf, source);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedInputError);
  }
}

test('FunctionSymbols answers for a file with bytes changed', () => {
  const files = damagedFiles(
    FILES,
    [0xff, 0xff, 0xff, 0xff],
    [0, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],
  );
  fc.assert(
    fc.property(files, (bytes) => {
      askAll(bytes);
    }),
    cases(300),
  );
});

test('FunctionSymbols answers for a file cut off anywhere', () => {
  for (const file of FILES) {
    for (let end = 64; end < file.length; end += 7) askAll(file.subarray(0, end));
  }
});
