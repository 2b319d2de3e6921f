import { expect, test } from 'vitest';
import { named, open, root, shown } from '../../../test/support/debug-units.ts';
import { DwarfBytes, type EntryToWrite, LINE, writeLines } from '../../../test/support/dwarf-writer.ts';
import { AT, FORM, TAG } from './dwarf-constants.ts';

test('resolve() finds parts of a function through .debug_ranges, with a base of their own', () => {
  const ranges = new DwarfBytes()
    .u64(0x10)
    .u64(0x20)
    .u64(0xffff_ffff_ffff_ffffn)
    .u64(0x5000)
    .u64(0)
    .u64(0x10)
    .u64(0)
    .u64(0)
    .done();
  const cold: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: named('cold', [AT.ranges, FORM.secOffset, 0]),
  };
  const unit = root([cold], [AT.lowPc, FORM.addr, 0x1000], [AT.ranges, FORM.secOffset, 0]);
  const lines = writeLines({
    version: 4,
    files: [['main.c', 0]],
    opcodes: [LINE.setAddress(0x1000), LINE.copy(), LINE.advancePc(0x4100), LINE.endSequence()],
  });
  const info = open([{ version: 4, root: unit }], { '.debug_ranges': ranges, '.debug_line': lines });
  for (const address of [0x1010, 0x5000]) expect(shown(info, address)).toEqual(['cold /src/main.c:1']);
  for (const address of [0x100f, 0x1020, 0x5010]) expect(shown(info, address)).toEqual([]);
});

test('resolve() understands every kind of entry in .debug_rnglists, by offset and by index', () => {
  const lists = new DwarfBytes()
    .u8(3, 0, 0x10) // startx_length
    .u8(2, 1, 2) // startx_endx
    .u8(1, 3, 4, 0x00, 0x10) // base_addressx, offset_pair
    .u8(5)
    .u64(0x3000)
    .u8(4, 0x00, 0x10) // base_address, offset_pair
    .u8(6)
    .u64(0x3100)
    .u64(0x3110) // start_end
    .u8(7)
    .u64(0x3200)
    .uleb(0x10) // start_length
    .u8(0)
    .done();
  const table = new DwarfBytes()
    .u32(8 + 4 + lists.length)
    .u16(5)
    .u8(8, 0)
    .u32(1)
    .u32(4)
    .bytes(lists)
    .done();
  const addresses = new DwarfBytes()
    .u32(36)
    .u16(5)
    .u8(8, 0)
    .u64(0x2000)
    .u64(0x2100)
    .u64(0x2110)
    .u64(0x2200)
    .done();
  const split: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: named('split', [AT.ranges, FORM.rnglistx, 0]),
  };
  const unit = root(
    [split],
    [AT.lowPc, FORM.addr, 0],
    [AT.ranges, FORM.secOffset, 16],
    [AT.rnglistsBase, FORM.secOffset, 12],
    [AT.addrBase, FORM.secOffset, 8],
  );
  const info = open([{ root: unit }], { '.debug_rnglists': table, '.debug_addr': addresses });
  for (const address of [0x2000, 0x2100, 0x2200, 0x3000, 0x3100, 0x3200]) {
    expect(shown(info, address + 0xf)).toEqual(['split ?:?']);
    expect(shown(info, address + 0x10)).toEqual([]);
  }
});
