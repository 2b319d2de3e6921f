import { expect, test } from 'vitest';
import { type HandlerEntry, handlersAround, parseExceptionTable, startOfBlock } from './exception-table.ts';

/** Numbers as the table has them: six bits a byte, highest first, bit 6 on all but the last. */
function varint(value: number): readonly number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0 || digits.length === 0; rest = Math.floor(rest / 64))
    digits.unshift(rest % 64);
  return digits.map((digit, at) => (at === digits.length - 1 ? digit : digit + 64));
}

/** As `dis` of 3.12 prints it: first and last instruction, target, depth, `lasti`. */
function write(rows: readonly (readonly [number, number, number, number, boolean])[]): Uint8Array {
  return Uint8Array.from(
    rows.flatMap(([first, last, target, depth, lasti]) => {
      const [start = 0, ...rest] = varint(first / 2);
      const size = varint((last + 2 - first) / 2);
      return [start + 128, ...rest, ...size, ...varint(target / 2), ...varint(depth * 2 + (lasti ? 1 : 0))];
    }),
  );
}

// try: with first: for _ in range(1): step(); with second: raise …; finally: stay(), from dis of 3.12.1.
const TABLE = parseExceptionTable(
  write([
    [4, 6, 160, 0, false],
    [8, 54, 136, 1, true],
    [56, 68, 112, 3, true],
    [70, 70, 136, 1, true],
    [74, 88, 160, 0, false],
    [112, 120, 130, 5, true],
    [122, 134, 136, 1, true],
    [136, 144, 154, 3, true],
    [146, 158, 160, 0, false],
    [160, 182, 184, 1, true],
  ]),
);

function depthsAt(offset: number): readonly number[] {
  return handlersAround(TABLE, offset).map(({ depth }) => depth);
}

test('parseExceptionTable() reads starts, ends and targets in bytes, and depths', () => {
  expect(TABLE[2]).toEqual({ start: 56, end: 70, target: 112, depth: 3 } satisfies HandlerEntry);
  expect(TABLE.length).toBe(10);
});

test('parseExceptionTable() leaves out an entry that is cut off', () => {
  expect(parseExceptionTable(write([[4, 6, 160, 0, false]]).subarray(0, 3))).toEqual([]);
  expect(parseExceptionTable(new Uint8Array())).toEqual([]);
});

test('handlersAround() lists what is around an instruction, without the handlers of handlers', () => {
  expect(depthsAt(60)).toEqual([3, 1, 0]);
  expect(depthsAt(54)).toEqual([1, 0]);
  expect(depthsAt(80)).toEqual([0]);
  expect(depthsAt(2)).toEqual([]);
});

test('handlersAround() takes the outermost of a depth, where a try stands in the body of a with', () => {
  // with a: try: with b: g(), of 3.13: L4 is before the inner with.
  const table = parseExceptionTable(
    write([
      [20, 22, 100, 2, true],
      [24, 30, 80, 2, false],
      [32, 40, 60, 3, true],
      [80, 88, 90, 3, true],
      [90, 98, 100, 2, true],
    ]),
  );
  expect(handlersAround(table, 26)).toEqual([{ start: 90, end: 100, target: 100, depth: 2 }]);
});

test('handlersAround() ends when the handlers run in a circle', () => {
  const table = [{ start: 0, end: 10, target: 4, depth: 1 }];
  expect(handlersAround(table, 2)).toEqual(table);
});

test('startOfBlock() is where the first stretch begins that leads to the handler', () => {
  const [handler] = handlersAround(TABLE, 70);
  expect(handler && startOfBlock(TABLE, handler)).toBe(8);
});
