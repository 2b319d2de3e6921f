import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DwarfBytes, sectionsOf } from '../../../test/support/dwarf-writer.ts';
import { BoundedCache } from './bounded-cache.ts';
import { PagedSection } from './paged-section.ts';
import { SectionCursor } from './section-cursor.ts';

const PAGE_BYTES = 16 << 10;

function cursorOver(bytes: Uint8Array, offset = 0): SectionCursor {
  const section = sectionsOf({ '.debug_info': bytes }).section('.debug_info');
  if (section === undefined) throw new RangeError('Cannot test: the section was written');
  return new SectionCursor(new PagedSection(section, new BoundedCache()), offset);
}

/** Bytes behind so many others that they lie on two pages. */
function acrossPages(bytes: DwarfBytes, before: number): SectionCursor {
  return cursorOver(
    Uint8Array.from([...new Uint8Array(PAGE_BYTES - before), ...bytes.done()]),
    PAGE_BYTES - before,
  );
}

test('SectionCursor reads numbers and texts that lie on two pages', () => {
  const bytes = new DwarfBytes()
    .u64(0x1234_5678_9abc)
    .u32(7)
    .unsigned(0x0a_bbcc, 3)
    .uleb(300)
    .sleb(-300)
    .text('text')
    .u8(9);
  for (let before = 0; before < bytes.length; before += 1) {
    const cursor = acrossPages(bytes, before);
    expect(cursor.u64()).toBe(0x1234_5678_9abc);
    expect(cursor.u32()).toBe(7);
    expect(cursor.u24()).toBe(0x0a_bbcc);
    expect(cursor.uleb128()).toBe(300);
    expect(cursor.sleb128()).toBe(-300);
    expect(cursor.cString()).toBe('text');
    expect(cursor.u8()).toBe(9);
    expect(cursor.atEnd).toBe(true);
  }
});

test('SectionCursor reads texts longer than a page, up to a bound', () => {
  const text = 'x'.repeat(3 * PAGE_BYTES);
  expect(cursorOver(new DwarfBytes().text(text).done()).cString()).toBe(text);
  const endless = cursorOver(new Uint8Array(300 << 10).fill(0x78));
  expect(() => endless.cString()).toThrow('text has more than 262144 bytes');
});

test('SectionCursor reads LEB128 numbers as they were written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeInteger(), (unsigned, signed) => {
      const cursor = cursorOver(new DwarfBytes().uleb(unsigned).sleb(signed).done());
      expect(cursor.uleb128()).toBe(unsigned);
      expect(cursor.sleb128()).toBe(signed);
    }),
  );
});

test('SectionCursor rounds numbers above 2^53', () => {
  const bytes = new DwarfBytes()
    .u64(2n ** 64n - 1n)
    .uleb(2n ** 64n - 1n)
    .done();
  const cursor = cursorOver(bytes);
  expect(cursor.exactU64()).toBe(2n ** 64n - 1n);
  expect(cursor.uleb128()).toBe(2 ** 64);
  cursor.seek(0);
  expect(cursor.u64()).toBe(2 ** 64);
});

test('SectionCursor refuses what lies beyond its end, and says where', () => {
  const cursor = cursorOver(Uint8Array.of(1, 2, 3), 1);
  expect(() => cursor.u32()).toThrow(
    'Cannot read .debug_info of test.so at offset 1: 4 bytes wanted, 2 left',
  );
  expect(() => cursor.seek(4)).toThrow('offset 4 is outside');
  expect(() => cursor.skip(-2)).toThrow('offset -1 is outside');
  expect(() => cursor.cString()).toThrow('1 bytes wanted, 0 left');
  expect(() => cursorOver(new Uint8Array(30).fill(0x80)).uleb128()).toThrow('LEB128 has more than 24 bytes');
});
