import { expect, test } from 'vitest';
import { type LineTable, resolvePosition } from './line-table.ts';

function line(kind: LineTable['kind'], bytes: number[], offset: number): number | undefined {
  return resolvePosition({ kind, bytes: Uint8Array.from(bytes), firstLine: 10 }, offset)?.line;
}

test('resolvePosition() gives the def line to a frame that has not begun', () => {
  for (const kind of ['lnotab-unsigned', 'lnotab', 'linetable', 'locations'] as const) {
    expect(line(kind, [0, 5, 10, 5], -1)).toBe(10);
  }
});

test.each([
  { offset: 0, expected: 11 },
  { offset: 5, expected: 11 },
  { offset: 6, expected: 13 },
  { offset: 99, expected: 9 },
])('resolvePosition() adds signed deltas of a lnotab up to offset $offset', ({ offset, expected }) => {
  expect(line('lnotab', [0, 1, 6, 2, 8, 256 - 4], offset)).toBe(expected);
});

test('resolvePosition() reads line deltas of 2.7 as unsigned', () => {
  expect(line('lnotab-unsigned', [0, 200], 0)).toBe(210);
});

test.each([
  { offset: 0, expected: 11 },
  { offset: 4, expected: undefined },
  { offset: 6, expected: 10 },
  { offset: 8, expected: undefined },
])('resolvePosition() reads a linetable of 3.10 at offset $offset', ({ offset, expected }) => {
  expect(line('linetable', [4, 1, 2, 128, 2, 255], offset)).toBe(expected);
});

// On 3.11.7, `def f(x):` on line 2, `return (x +` and `1)` on the next two: its co_linetable, and what
// f.__code__.co_positions() says of it.
test('resolvePosition() agrees with co_positions() of 3.11', () => {
  const table: LineTable = {
    kind: 'locations',
    bytes: Uint8Array.from([128, 0, 216, 10, 11, 216, 4, 5, 241, 3, 1, 11, 6, 240, 0, 1, 3, 7]),
    firstLine: 2,
  };
  expect([0, 2, 4, 6, 8, 10].map((offset) => resolvePosition(table, offset))).toEqual([
    { line: 2, endLine: 2, column: 0, endColumn: 0 },
    { line: 3, endLine: 3, column: 10, endColumn: 11 },
    { line: 4, endLine: 4, column: 4, endColumn: 5 },
    { line: 3, endLine: 4, column: 10, endColumn: 5 },
    { line: 3, endLine: 4, column: 10, endColumn: 5 },
    { line: 3, endLine: 4, column: 2, endColumn: 6 },
  ]);
});

test('resolvePosition() reads short, one-line and long forms of a location table', () => {
  const table: LineTable = {
    kind: 'locations',
    bytes: Uint8Array.from([
      0x80 | (1 << 3) | 0,
      0x25, // short: columns 10 to 15, one code unit
      0x80 | (11 << 3) | 1,
      4,
      9, // one line further, two code units
      0x80 | (13 << 3) | 0,
      0x03, // no columns, line - 1
      0x80 | (14 << 3) | 0,
      0x04,
      0x02,
      0x05,
      0x00, // long: line + 2, two lines, column 4, no end column
      0x80 | (15 << 3) | 0, // none
    ]),
    firstLine: 10,
  };
  expect([0, 2, 4, 6, 8, 10, 12].map((offset) => resolvePosition(table, offset))).toEqual([
    { line: 10, endLine: 10, column: 10, endColumn: 15 },
    { line: 11, endLine: 11, column: 4, endColumn: 9 },
    { line: 11, endLine: 11, column: 4, endColumn: 9 },
    { line: 10, endLine: 10, column: undefined, endColumn: undefined },
    { line: 12, endLine: 14, column: 4, endColumn: undefined },
    undefined,
    undefined,
  ]);
});

test('resolvePosition() gives nothing for an entry that is cut off, and ends on endless varints', () => {
  const cut: LineTable = { kind: 'locations', bytes: Uint8Array.from([0x80 | (14 << 3)]), firstLine: 1 };
  const endless: LineTable = { kind: 'locations', bytes: new Uint8Array(64).fill(0xff), firstLine: 1 };
  expect(resolvePosition(cut, 0)).toBeUndefined();
  expect(resolvePosition(endless, 1_000_000)).toBeUndefined();
});
