import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { MalformedInputError } from './errors.ts';
import { StructView } from './struct-view.ts';

const NAME = 'PyCodeObject at 0x7f0000001000';

function viewOf(...bytes: readonly number[]): StructView {
  return new StructView(Uint8Array.from(bytes), NAME);
}

/** Every read of a member, by its name. */
const READS = {
  u8: (view: StructView, offset: number) => view.u8(offset),
  u16: (view: StructView, offset: number) => view.u16(offset),
  i32: (view: StructView, offset: number) => view.i32(offset),
  u32: (view: StructView, offset: number) => view.u32(offset),
  i64: (view: StructView, offset: number) => view.i64(offset),
  u64: (view: StructView, offset: number) => view.u64(offset),
  f64: (view: StructView, offset: number) => view.f64(offset),
  ssize: (view: StructView, offset: number) => view.ssize(offset),
  pointer: (view: StructView, offset: number) => view.pointer(offset),
  requiredPointer: (view: StructView, offset: number) => view.requiredPointer(offset),
  word: (view: StructView, offset: number) => view.word(offset),
  slice: (view: StructView, offset: number) => view.slice(offset, 2),
};

test.each([
  ['u8', 0x80],
  ['u16', 0x8180],
  ['i32', 0x8382_8180 - 2 ** 32],
  ['u32', 0x8382_8180],
  ['i64', 0x8786_8584_8382_8180n - 2n ** 64n],
  ['u64', 0x8786_8584_8382_8180n],
  ['slice', Uint8Array.from([0x80, 0x81])],
] as const)('%s() reads at its offset in little-endian order', (read, value) => {
  const view = viewOf(0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87);
  expect(READS[read](view, 1)).toEqual(value);
});

test('f64() reads a double', () => {
  expect(new StructView(new Uint8Array(Float64Array.of(0, -1.5e300).buffer), NAME).f64(8)).toBe(-1.5e300);
});

test.each([
  [[5, 0, 0, 0, 0, 0, 0, 0], 5],
  [[0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -5],
  [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0], 2 ** 53 - 1],
  [[1, 0, 0, 0, 0, 0, 0xe0, 0xff], -(2 ** 53) + 1],
])('ssize() of %j is %d', (bytes, value) => {
  expect(viewOf(...bytes).ssize(0)).toBe(value);
});

test('ssize() refuses what torn memory may hold', () => {
  expect(() => viewOf(0, 0, 0, 0, 0, 0, 0x20, 0).ssize(0)).toThrow(
    `Cannot read ${NAME} at offset 0: size is beyond ±2^53`,
  );
});

test('pointer() and word() read an address', () => {
  const view = viewOf(0xef, 0xbe, 0xad, 0xde, 0, 0x7f, 0, 0);
  expect([view.pointer(0), view.requiredPointer(0), view.word(0)]).toEqual([
    0x7f00_dead_beef, 0x7f00_dead_beef, 0x7f00_dead_beef,
  ]);
});

test('NULL is undefined to pointer(), 0 to word(), and an error to requiredPointer()', () => {
  const view = new StructView(new Uint8Array(16), NAME);
  expect(view.pointer(8)).toBeUndefined();
  expect(view.word(8)).toBe(0);
  expect(() => view.requiredPointer(8)).toThrow(`Cannot read ${NAME} at offset 8: pointer is NULL`);
});

test.each(['pointer', 'requiredPointer', 'word'] as const)(
  '%s() of a torn pointer is an error of ours',
  (read) => {
    const view = viewOf(0, 0, 0x60, 0xff, 0xff, 0xff, 0xff, 0xff);
    expect(() => READS[read](view, 0)).toThrow(
      `Cannot read ${NAME} at offset 0: pointer 0xffffffffff600000 is outside user space`,
    );
  },
);

test.each([
  ['u8', 1],
  ['u16', 2],
  ['i32', 4],
  ['u32', 4],
  ['i64', 8],
  ['u64', 8],
  ['f64', 8],
  ['ssize', 8],
  ['pointer', 8],
  ['requiredPointer', 8],
  ['word', 8],
  ['slice', 2],
] as const)('%s() refuses an offset that does not leave room for its %i bytes', (read, sizeBytes) => {
  const view = new StructView(new Uint8Array(16), NAME);
  for (const offset of [17 - sizeBytes, 1000, -1, Number.NaN]) {
    expect(() => READS[read](view, offset)).toThrow(
      `Cannot read ${NAME} at offset ${offset}: ${sizeBytes} bytes wanted, the struct has 16`,
    );
  }
});

test('slice() refuses a negative size', () => {
  expect(() => viewOf(1, 2, 3).slice(2, -1)).toThrow(
    `Cannot read ${NAME} at offset 2: -1 bytes wanted, the struct has 3`,
  );
});

test('StructView stays inside the part of a buffer that it was given', () => {
  const view = new StructView(Uint8Array.from([1, 2, 3, 4, 5, 6]).subarray(2, 4), NAME);
  expect([view.sizeBytes, view.u16(0), view.slice(1, 1)]).toEqual([2, 0x0403, Uint8Array.of(4)]);
  expect(() => view.u32(0)).toThrow(`Cannot read ${NAME} at offset 0: 4 bytes wanted, the struct has 2`);
});

test('slice() is a view of the same memory', () => {
  const view = viewOf(1, 2, 3);
  const slice = view.slice(1, 2);
  view.bytes[1] = 9;
  expect(slice).toEqual(Uint8Array.of(9, 3));
});

test('every read of random bytes answers or throws MalformedInputError', () => {
  const reads = fc.constantFrom(...Object.values(READS));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 24 }),
      reads,
      fc.integer({ min: -4, max: 30 }),
      (bytes, read, offset) => {
        try {
          read(new StructView(bytes, NAME), offset);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
        }
      },
    ),
    cases(300),
  );
});
