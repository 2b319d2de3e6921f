import { expect, test } from 'vitest';
import { LINE, type LinesToWrite, sectionsOf, writeLines } from '../../../test/support/dwarf-writer.ts';
import { BoundedCache } from './bounded-cache.ts';
import { DebugFile } from './debug-file.ts';
import { readLineTable } from './line-table.ts';
import { WorkBudget } from './work-budget.ts';

/** The place of an address in a written program, in the form `file:line:column`. */
function find(lines: LinesToWrite, address: number): string | undefined {
  const place = tableOf(writeLines(lines))?.find(address, '/src');
  return place && `${place.file}:${place.line}:${place.column}`;
}

function tableOf(bytes: Uint8Array) {
  const options = {
    cache: new BoundedCache(),
    budget: new WorkBudget(),
    isSplit: false,
    findAlternate: () => undefined,
  };
  return readLineTable(new DebugFile(sectionsOf({ '.debug_line': bytes }), options), 0);
}

const FILES = {
  directories: ['/src'],
  files: [
    ['a.c', 0],
    ['a.c', 0],
  ],
} as const;

test('find() gives the last row at or before an address', () => {
  const lines = {
    ...FILES,
    opcodes: [
      LINE.setAddress(0x1000),
      LINE.copy(),
      LINE.special(4, 2),
      LINE.special(0, 5),
      LINE.constAddPc(),
      LINE.copy(),
      LINE.fixedAdvancePc(0x300),
      LINE.advanceLine(-4),
      LINE.setColumn(9),
      LINE.copy(),
      LINE.advancePc(1),
      LINE.endSequence(),
    ],
  };
  expect(find(lines, 0xfff)).toBeUndefined();
  expect(find(lines, 0x1003)).toBe('/src/a.c:1:undefined');
  // Of two rows at one address the last counts: the first is that of the caller.
  expect(find(lines, 0x1004)).toBe('/src/a.c:8:undefined');
  // const_add_pc is what special opcode 255 adds: (255 - 13) / 14.
  expect(find(lines, 0x1004 + 17)).toBe('/src/a.c:8:undefined');
  expect(find(lines, 0x1004 + 17 + 0x300)).toBe('/src/a.c:4:9');
  expect(find(lines, 0x1004 + 17 + 0x301)).toBeUndefined();
});

test('find() finds each of many rows, from a state before it', () => {
  const opcodes = [
    LINE.setAddress(0x1000),
    ...Array.from({ length: 1000 }, () => LINE.special(2, 1)),
    LINE.advancePc(2),
    LINE.endSequence(),
  ];
  const table = tableOf(writeLines({ ...FILES, opcodes }));
  for (let row = 0; row < 1000; row += 1) {
    expect(table?.find(0x1002 + 2 * row, '/src')?.line).toBe(row + 2);
    expect(table?.find(0x1003 + 2 * row, '/src')?.line).toBe(row + 2);
  }
});

test('find() keeps sequences apart, and passes over those that the linker discarded', () => {
  const sequence = (address: number | bigint, line: number): readonly (readonly number[])[] => [
    LINE.setAddress(address),
    LINE.advanceLine(line - 1),
    LINE.copy(),
    LINE.advancePc(0x5000),
    LINE.endSequence(),
  ];
  const opcodes = [
    ...sequence(0, 5),
    ...sequence(0x20_0000, 6),
    ...sequence(0x10_0000, 7),
    ...sequence(2n ** 64n - 1n, 8),
  ];
  expect(find({ ...FILES, opcodes }, 0x1000)).toBeUndefined();
  expect(find({ ...FILES, opcodes }, 0x20_0000)).toBe('/src/a.c:6:undefined');
  expect(find({ ...FILES, opcodes }, 0x10_0000)).toBe('/src/a.c:7:undefined');
  expect(find({ ...FILES, opcodes }, 0x10_5000)).toBeUndefined();
});

test('find() counts operations of long instruction words', () => {
  const opcodes = [
    LINE.setAddress(0x1000),
    LINE.special(2, 1),
    LINE.special(2, 1),
    LINE.special(2, 1),
    LINE.advancePc(9),
    LINE.endSequence(),
  ];
  const lines = { ...FILES, minInstructionLength: 16, maxOperations: 3, opcodes };
  expect(find(lines, 0x1000)).toBe('/src/a.c:2:undefined');
  expect(find(lines, 0x1010)).toBe('/src/a.c:3:undefined');
  expect(find(lines, 0x1020)).toBe('/src/a.c:4:undefined');
  expect(find(lines, 0x1050)).toBeUndefined();
});

test('find() steps over opcodes that it does not know, by the lengths in the header', () => {
  const opcodes = [
    LINE.setAddress(0x1000),
    [13, 0x85, 0x01],
    [0, 3, 0x99, 1, 2],
    [0, 2, 4, 7],
    LINE.copy(),
    LINE.advancePc(4),
    LINE.endSequence(),
  ];
  expect(find({ ...FILES, opcodeBase: 14, opcodes }, 0x1000)).toBe('/src/a.c:1:undefined');
});

test('find() knows opcodes above a small opcode base as special ones', () => {
  // Opcode 10 of a program with opcode base 10: address + 0, line - 5 + 0.
  const opcodes = [LINE.setAddress(0x1000), LINE.advanceLine(9), [10], LINE.advancePc(4), LINE.endSequence()];
  expect(find({ ...FILES, opcodeBase: 10, opcodes }, 0x1000)).toBe('/src/a.c:5:undefined');
});

test('find() gives no line where the compiler wrote 0', () => {
  const opcodes = [
    LINE.setAddress(0x1000),
    LINE.advanceLine(-1),
    LINE.copy(),
    LINE.advancePc(4),
    LINE.endSequence(),
  ];
  expect(find({ ...FILES, opcodes }, 0x1000)).toBe('/src/a.c:undefined:undefined');
});

/** A program of one row in file `file`. */
function inFile(file: number, more: readonly (readonly number[])[] = []): LinesToWrite['opcodes'] {
  return [
    LINE.setAddress(0x1000),
    ...more,
    LINE.setFile(file),
    LINE.copy(),
    LINE.advancePc(4),
    LINE.endSequence(),
  ];
}

test('find() joins files with their directories, of which number 0 is that of the unit', () => {
  const old = {
    version: 4,
    directories: ['/usr/include', 'lib'],
    files: [
      ['main.c', 0],
      ['stdio.h', 1],
      ['list.h', 2],
      ['/abs.h', 2],
    ],
  } as const;
  const paths = ['/src/main.c', '/usr/include/stdio.h', '/src/lib/list.h', '/abs.h', undefined];
  for (const [index, path] of paths.entries())
    expect(find({ ...old, opcodes: inFile(index + 1) }, 0x1000)).toBe(`${path}:1:undefined`);
  const opcodes = inFile(5, [LINE.defineFile('made.h', 1)]);
  expect(find({ ...old, opcodes }, 0x1000)).toBe('/usr/include/made.h:1:undefined');
  const withoutDirectory = tableOf(writeLines({ ...old, version: 2, opcodes: inFile(3) }))?.find(
    0x1000,
    undefined,
  );
  expect(withoutDirectory?.file).toBe('lib/list.h');
  const tables = {
    directories: ['/other', 'lib'],
    files: [
      ['main.c', 0],
      ['list.h', 1],
    ],
  } as const;
  expect(find({ ...tables, opcodes: inFile(0) }, 0x1000)).toBe('/src/main.c:1:undefined');
  expect(find({ ...tables, opcodes: inFile(1) }, 0x1000)).toBe('/src/lib/list.h:1:undefined');
});

test('readLineTable() refuses headers that make no sense', () => {
  expect(() => tableOf(writeLines({ lineRange: 0, opcodes: [] }))).toThrow('line range is 0');
  const bytes = writeLines({ opcodes: [] });
  expect(() => tableOf(bytes.subarray(0, 10))).toThrow(/unit has \d+ bytes, 6 left/);
  const long = Uint8Array.from(bytes);
  long.set([255, 255], 8);
  expect(() => tableOf(long)).toThrow('line header has 65535 bytes, more than its program');
  const unknown = Uint8Array.from(bytes);
  unknown[4] = 9;
  expect(tableOf(unknown)).toBeUndefined();
});
