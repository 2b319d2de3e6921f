import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODE, CODE_BYTES, codeFile, DATA, STB, STT } from '../../test/support/code-file.ts';
import type { SymbolToWrite } from '../../test/support/elf-tables.ts';
import { writeElf } from '../../test/support/elf-writer.ts';
import { cases } from '../../test/support/fuzzing.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { readElf } from '../elf/elf-file.ts';
import { FunctionTable } from './function-table.ts';

function tableOf(symbols: readonly SymbolToWrite[], isPreferred?: (index: number) => boolean): FunctionTable {
  const elf = codeFile({ symtab: symbols });
  const table = elf.symbolTable('symtab');
  if (table === undefined) throw new Error('no table was written');
  return new FunctionTable(elf, table, isPreferred);
}

function nameAt(table: FunctionTable, address: number): string | undefined {
  return table.find([address]).get(address)?.symbol.name;
}

test('find() gives the function that covers an address, from its first byte to its last', () => {
  const table = tableOf([
    { name: 'second', value: CODE + 64, sizeBytes: 32 },
    { name: 'first', value: CODE + 16, sizeBytes: 32 },
  ]);
  expect(table.find([CODE + 16]).get(CODE + 16)).toEqual({
    symbol: {
      name: 'first',
      value: CODE + 16,
      sizeBytes: 32,
      type: 'function',
      binding: 'global',
      sectionIndex: 1,
    },
    index: 2,
    sizeBytes: 32,
  });
  const found = [15, 16, 47, 48, 63, 64, 95, 96].map((offset) => nameAt(table, CODE + offset));
  expect(found).toEqual([undefined, 'first', 'first', undefined, undefined, 'second', 'second', undefined]);
});

test('find() gives one without a size up to the next, and up to the end of its section', () => {
  const table = tableOf([
    { name: 'assembler', value: CODE },
    { name: 'c', value: CODE + 64, sizeBytes: 32 },
    { name: 'last', value: CODE + 128, type: STT.notype },
  ]);
  expect(table.find([CODE + 63]).get(CODE + 63)).toMatchObject({
    symbol: { name: 'assembler' },
    sizeBytes: 64,
  });
  expect(nameAt(table, CODE + 96)).toBeUndefined();
  expect(nameAt(table, CODE + CODE_BYTES - 1)).toBe('last');
  expect(nameAt(table, CODE + CODE_BYTES)).toBeUndefined();
});

test('find() takes a label inside of a function for a part of it', () => {
  const table = tableOf([
    { name: 'function', value: CODE, sizeBytes: 64 },
    { name: 'label', value: CODE + 16, type: STT.notype },
  ]);
  expect(nameAt(table, CODE + 16)).toBe('function');
  expect(nameAt(table, CODE + 64)).toBeUndefined();
});

test('find() gives the innermost of functions inside each other, and the outer ones behind it', () => {
  const table = tableOf([
    { name: 'outer', value: CODE, sizeBytes: 256 },
    { name: 'middle', value: CODE + 64, sizeBytes: 128 },
    { name: 'inner', value: CODE + 80, sizeBytes: 16 },
    { name: 'later', value: CODE + 100, sizeBytes: 4 },
  ]);
  const found = [0, 64, 80, 95, 96, 103, 191, 192, 255].map((offset) => nameAt(table, CODE + offset));
  expect(found).toEqual(['outer', 'middle', 'inner', 'inner', 'middle', 'later', 'middle', 'outer', 'outer']);
});

const LABEL = { name: 'label', type: STT.notype };
const PRIVATE = { name: 'b', binding: STB.local };
const WEAK = { name: 'b', binding: STB.weak };

test.each<[string, Partial<SymbolToWrite>, Partial<SymbolToWrite>]>([
  ['with a size before without', { name: 'a', sizeBytes: 8, binding: STB.local }, { name: 'b' }],
  ['a function before a label', { name: 'a', binding: STB.local }, LABEL],
  ['an indirect function before a label', { name: 'a', type: STT.ifunc }, LABEL],
  ['global before weak', { name: '__a' }, WEAK],
  ['weak before local', { name: '__a', binding: STB.weak }, PRIVATE],
  ['fewer underscores before more', { name: '_read' }, { name: '__read' }],
  ['any before the private names of glibc', { name: '____strtod_l_internal' }, { name: '__GI_strtod' }],
])('find() gives the best name of a place: %s', (_what, better, worse) => {
  for (const order of [
    [better, worse],
    [worse, better],
  ]) {
    const table = tableOf(order.map((symbol) => ({ name: '', value: CODE, ...symbol })));
    expect(nameAt(table, CODE)).toBe(better.name);
  }
});

test('find() gives the name that comes first among equals, unless the caller prefers another', () => {
  const equals = ['a', 'b', 'c'].map((name) => ({ name, value: CODE, sizeBytes: 8 }));
  expect(nameAt(tableOf(equals), CODE)).toBe('a');
  expect(
    nameAt(
      tableOf(equals, (index) => index === 3),
      CODE,
    ),
  ).toBe('c');
});

test.each<[string, Partial<SymbolToWrite>]>([
  ['an object', { type: STT.object }],
  ['a section', { type: STT.section }],
  ['a file', { type: STT.file, sectionIndex: 0xfff1 }],
  ['a thread-local variable', { type: STT.tls }],
  ['a reference', { sectionIndex: 0 }],
  ['a label of data', { type: STT.notype, value: DATA, sectionIndex: 2 }],
  ['a constant', { type: STT.notype, sectionIndex: 0xfff1 }],
  ['a mapping symbol of ARM', { type: STT.notype, name: '$x' }],
  ['a mark of annobin', { type: STT.notype, name: '.annobin_main.c' }],
  ['a function without a name', { name: '' }],
  ['a value above 2^53', { value: 2n ** 63n }],
])('find() passes over %s', (_what, symbol) => {
  const table = tableOf([{ name: 'x', value: CODE, sizeBytes: 8, ...symbol }]);
  expect(table.find([CODE]).size).toBe(0);
});

test('find() takes labels by the segments where there are no section headers', () => {
  const elf = codeFile({ symtab: [{ name: 'label', value: CODE, type: STT.notype }] });
  const table = elf.symbolTable('symtab');
  const stripped = readElf(
    new TestSource(
      writeElf({
        hasSectionHeaders: false,
        segments: [{ type: 1, flags: 5, virtualAddress: CODE, fileSize: 0, memorySize: 64 }],
      }),
    ),
  );
  if (table === undefined) throw new Error('no table was written');
  const functions = new FunctionTable(stripped, table);
  expect([CODE, CODE + 63, CODE + 64].map((address) => nameAt(functions, address))).toEqual([
    'label',
    'label',
    undefined,
  ]);
});

test('find() of an empty table finds nothing', () => {
  expect(tableOf([]).find([CODE, CODE + 1]).size).toBe(0);
});

test('find() agrees with a slow search over any functions that have a size', () => {
  const written = fc.array(
    fc.record({
      value: fc.oneof(
        fc.nat(200).map((at) => CODE + at),
        fc.constantFrom(2 ** 33 + 5, 2 ** 45),
      ),
      sizeBytes: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(500, 2 ** 31)),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(written, fc.array(fc.nat(300), { minLength: 1, maxLength: 20 }), (places, offsets) => {
      const symbols = places.map((place, index) => ({ ...place, name: `f${index}` }));
      const table = tableOf(symbols);
      const found = table.find(offsets.map((offset) => CODE + offset));
      for (const offset of offsets) {
        const address = CODE + offset;
        const covering = symbols.filter(
          ({ value, sizeBytes }) => address >= value && address < value + sizeBytes,
        );
        // Of one place the first in the table is shown, of those that reach as far.
        const innermost = covering.toSorted((one, other) => other.value - one.value)[0];
        expect(found.get(address)?.symbol.name).toBe(innermost?.name);
      }
    }),
    cases(150),
  );
});

test('find() of many addresses gives for each what find() of it alone gives', () => {
  const written = fc.array(
    fc.record({
      value: fc.nat(300).map((at) => CODE + at),
      sizeBytes: fc.oneof(fc.constant(0), fc.nat(40)),
      type: fc.constantFrom(STT.function, STT.notype),
      binding: fc.constantFrom(STB.local, STB.weak, STB.global),
    }),
    { maxLength: 30 },
  );
  const addresses = fc.array(
    fc.nat(400).map((at) => CODE - 50 + at),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(written, addresses, (places, asked) => {
      const table = tableOf(places.map((place, index) => ({ ...place, name: `f${index}` })));
      const together = table.find(asked);
      for (const address of asked) expect(together.get(address)).toEqual(table.find([address]).get(address));
    }),
    cases(150),
  );
});
