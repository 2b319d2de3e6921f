import { expect, test } from 'vitest';
import { CODE, codeFile, STB, STT, writeCodeFile } from '../../test/support/code-file.ts';
import { versionSections } from '../../test/support/version-tables.ts';
import { writeXz } from '../../test/support/xz-writer.ts';
import { FunctionSymbols } from './function-symbols.ts';

const PUBLIC = { name: 'public', value: CODE, sizeBytes: 16 };
const PRIVATE = { name: 'private', value: CODE + 32, sizeBytes: 16, binding: STB.local };
const ASSEMBLER = { name: 'assembler', value: CODE + 64 };

function nameAt(symbols: FunctionSymbols, address: number): string | undefined {
  return symbols.find([address]).get(address)?.name;
}

function miniDebugInfo(symtab: readonly (typeof PRIVATE)[]) {
  return { name: '.gnu_debugdata', bytes: writeXz({ blocks: [writeCodeFile({ symtab })] }) };
}

test('find() takes .symtab before .dynsym', () => {
  const elf = codeFile({ symtab: [{ ...PUBLIC, name: 'of_symtab' }], dynsym: [PUBLIC, PRIVATE] });
  const symbols = new FunctionSymbols(elf);
  expect(symbols.find([CODE + 1]).get(CODE + 1)).toEqual({ name: 'of_symtab', start: CODE, sizeBytes: 16 });
  expect(nameAt(symbols, PRIVATE.value)).toBe('private');
  expect(nameAt(symbols, CODE + 20)).toBeUndefined();
  expect(symbols.problems).toEqual([]);
});

test('find() takes the separate debug file before the file itself', () => {
  const elf = codeFile({ dynsym: [PUBLIC] });
  const debugElf = codeFile({ symtab: [{ ...PUBLIC, name: 'of_debug_file' }] });
  expect(nameAt(new FunctionSymbols(elf, debugElf), CODE)).toBe('of_debug_file');
});

test('find() names versions of dynamic symbols, and of aliases takes the current one', () => {
  const elf = codeFile({
    dynsym: [
      { name: 'clock_nanosleep', value: CODE, sizeBytes: 16 },
      { name: 'clock_nanosleep', value: CODE, sizeBytes: 16 },
      { name: 'old', value: CODE + 32, sizeBytes: 16 },
      { name: '__libc_read', value: CODE + 64, sizeBytes: 16 },
      { name: 'read_alias', value: CODE + 64, sizeBytes: 16 },
    ],
    sections: versionSections({
      symbols: [0, 0x8002, 3, 0x8002, 4, 2],
      defined: [
        { index: 2, name: 'GLIBC_2.2.5' },
        { index: 3, name: 'GLIBC_2.17' },
        { index: 4, name: 'GLIBC_PRIVATE' },
      ],
    }),
  });
  const symbols = new FunctionSymbols(elf);
  const names = [CODE, CODE + 32, CODE + 64].map((address) => nameAt(symbols, address));
  expect(names).toEqual(['clock_nanosleep@@GLIBC_2.17', 'old@GLIBC_2.2.5', 'read_alias@@GLIBC_2.2.5']);
});

test('find() takes .gnu_debugdata for what .dynsym does not have', () => {
  const elf = codeFile({ dynsym: [PUBLIC], sections: [miniDebugInfo([PRIVATE])] });
  const symbols = new FunctionSymbols(elf);
  expect(nameAt(symbols, CODE)).toBe('public');
  expect(symbols.find([PRIVATE.value + 3]).get(PRIVATE.value + 3)).toEqual({
    name: 'private',
    start: PRIVATE.value,
    sizeBytes: 16,
  });
});

test('find() lets .gnu_debugdata end a dynamic symbol without a size', () => {
  const local = { ...PRIVATE, value: CODE + 128 };
  const elf = codeFile({ dynsym: [ASSEMBLER], sections: [miniDebugInfo([local])] });
  const symbols = new FunctionSymbols(elf);
  expect(nameAt(symbols, CODE + 100)).toBe('assembler');
  expect(nameAt(symbols, CODE + 130)).toBe('private');
});

test('find() goes on with the next table when one is malformed, and says so once', () => {
  const elf = codeFile({
    dynsym: [PUBLIC],
    sections: [{ name: '.gnu_debugdata', bytes: Buffer.from('no xz at all') }],
  });
  const symbols = new FunctionSymbols(elf);
  expect(nameAt(symbols, CODE)).toBe('public');
  expect(nameAt(symbols, PRIVATE.value)).toBeUndefined();
  expect(nameAt(symbols, PRIVATE.value)).toBeUndefined();
  expect(symbols.problems.map(({ message }) => message)).toEqual([
    'Cannot read .gnu_debugdata of test.so at offset 6: not compressed with xz',
  ]);
});

test('find() goes without versions where these are malformed', () => {
  const elf = codeFile({
    dynsym: [PUBLIC],
    sections: versionSections({ symbols: [0, 2], defined: [{ index: 2, name: 'V1' }] }).map((section) =>
      section.name === '.gnu.version_d' ? { ...section, bytes: new Uint8Array(3) } : section,
    ),
  });
  const symbols = new FunctionSymbols(elf);
  expect(nameAt(symbols, CODE)).toBe('public');
  expect(symbols.problems).toHaveLength(1);
});

test('find() finds nothing in a file without symbols', () => {
  expect(nameAt(new FunctionSymbols(codeFile({})), CODE)).toBeUndefined();
});

test('find() takes indirect functions, whose resolvers have the name', () => {
  const elf = codeFile({ dynsym: [{ ...PUBLIC, name: 'memcpy', type: STT.ifunc }] });
  expect(nameAt(new FunctionSymbols(elf), CODE)).toBe('memcpy');
});
