import { expect, test } from 'vitest';
import { type FileMapping, loadBiasOf } from './load-bias.ts';
import type { ElfSegment } from './segment.ts';

/** A PT_LOAD by file offset, address, size and the letters of its rights. */
function load(fileOffset: number, virtualAddress: number, fileSize: number, rights: string): ElfSegment {
  const flags =
    (rights.includes('r') ? 4 : 0) | (rights.includes('w') ? 2 : 0) | (rights.includes('x') ? 1 : 0);
  return {
    type: 'load',
    flags,
    fileOffset,
    virtualAddress,
    fileSize,
    memorySize: fileSize,
    alignment: 0x1000,
  };
}

function mapping(start: number, fileOffset: number, rights: string): FileMapping {
  return { start, fileOffset, isExecutable: rights.includes('x') };
}

// As `readelf -lW` shows them. GNU ld with -z separate-code: a page of the file is shared by rodata and data.
const GNU_LIBRARY = [
  load(0, 0, 0x2_4d68, 'r'),
  load(0x2_5000, 0x2_5000, 0x1_5f2d, 'rx'),
  load(0x3_b000, 0x3_b000, 0x5_a1d8, 'r'),
  load(0x9_56f0, 0x9_66f0, 0x3000, 'rw'),
];

// lld: every segment begins where the one before ended, a page further in memory.
const LLD_LIBRARY = [
  load(0, 0, 0x5f8, 'r'),
  load(0x600, 0x1600, 0x2_0210, 'rx'),
  load(0x2_0810, 0x2_2810, 0x100, 'rw'),
  load(0x2_0910, 0x2_3910, 0x900, 'rw'),
];

// GNU ld without separate code: text and data share a page of the file.
const OLD_PROGRAM = [load(0, 0x40_0000, 0x1234, 'rx'), load(0x1234, 0x60_2234, 0x800, 'rw')];

const BASE = 0x7f12_3456_0000;

test.each([
  ['text of a library', GNU_LIBRARY, mapping(BASE + 0x2_5000, 0x2_5000, 'rx'), BASE],
  ['first headers of a library', GNU_LIBRARY, mapping(BASE, 0, 'r'), BASE],
  ['data on a page shared with read-only data', GNU_LIBRARY, mapping(BASE + 0x9_6000, 0x9_5000, 'rw'), BASE],
  ['data after its RELRO pages', GNU_LIBRARY, mapping(BASE + 0x9_8000, 0x9_7000, 'rw'), BASE],
  ['a later part of text', GNU_LIBRARY, mapping(BASE + 0x3_0000, 0x3_0000, 'rx'), BASE],
  ['text on a page shared with headers', LLD_LIBRARY, mapping(BASE + 0x1000, 0, 'rx'), BASE],
  ['headers on a page shared with text', LLD_LIBRARY, mapping(BASE, 0, 'r'), BASE],
  ['two data segments that share a page', LLD_LIBRARY, mapping(BASE + 0x2_2000, 0x2_0000, 'rw'), undefined],
  ['text of a program at a fixed address', OLD_PROGRAM, mapping(0x40_0000, 0, 'rx'), 0],
  ['a page of text that data share', OLD_PROGRAM, mapping(0x40_1000, 0x1000, 'rx'), 0],
  ['data of a program at a fixed address', OLD_PROGRAM, mapping(0x60_2000, 0x1000, 'rw'), 0],
  [
    'a prelinked library that went lower',
    [load(0, 0x30_0000, 0x1000, 'rx')],
    mapping(0x10_0000, 0, 'rx'),
    -0x20_0000,
  ],
  [
    'an address that no page boundary explains',
    [load(0x40, 0x10_0040, 0x10, 'rx')],
    mapping(BASE, 0, 'rx'),
    BASE - 0x10_0000,
  ],
  ['a mapping past the last segment', GNU_LIBRARY, mapping(BASE, 0x9_9000, 'rw'), undefined],
  ['a mapping with other rights', [load(0, 0, 0x1000, 'r')], mapping(BASE, 0, 'rx'), undefined],
  ['a segment without bytes in the file', [load(0, 0, 0, 'rw')], mapping(BASE, 0, 'rw'), undefined],
  ['no segments', [], mapping(BASE, 0, 'rx'), undefined],
])('loadBiasOf() of %s', (_, segments, mapped, bias) => {
  expect(loadBiasOf({ segments }, mapped)).toBe(bias);
});

test('loadBiasOf() minds the pages of the machine', () => {
  const segments = [load(0x1000, 0x2_1000, 0x1_0000, 'rx')];
  expect(loadBiasOf({ segments }, mapping(BASE, 0, 'rx'))).toBeUndefined();
  expect(loadBiasOf({ segments }, mapping(BASE, 0, 'rx'), 0x1_0000)).toBe(BASE - 0x2_0000);
});

test('loadBiasOf() looks at no other kind of segment', () => {
  const [segment] = OLD_PROGRAM;
  const segments = segment === undefined ? [] : [{ ...segment, type: 'gnu-relro' as const }];
  expect(loadBiasOf({ segments }, mapping(0x40_0000, 0, 'rx'))).toBeUndefined();
});
