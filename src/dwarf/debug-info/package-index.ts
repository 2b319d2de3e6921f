import type { PagedSection } from './paged-section.ts';
import { SectionCursor } from './section-cursor.ts';
import type { Contribution } from './unit.ts';

/** Where a unit of a `.dwp` and its parts of other sections begin. */
export interface PackedUnit extends Contribution {
  readonly info: number;
}

/** Columns of the table, `DW_SECT_*`: the numbers that we use mean the same in version 2, of GNU, and 5. */
const SECT = { info: 1, abbrev: 3, strOffsets: 6, rnglists: 8 } as const;

const HEADER_BYTES = 16;

/**
 * Finds a unit by its id in `.debug_cu_index`: a header, a hash table of ids, the row of each, then a table of offsets
 * with a column for each section (DWARF 5, section 7.3.5).
 */
export function findContribution(section: PagedSection, dwoId: bigint): PackedUnit | undefined {
  const cursor = new SectionCursor(section);
  const version = cursor.u16();
  cursor.skip(2);
  const columnCount = cursor.u32();
  const unitCount = cursor.u32();
  const slotCount = cursor.u32();
  if (version !== 2 && version !== 5) return undefined;
  const row = findRow(cursor, slotCount, dwoId);
  if (row === undefined || row < 1 || row > unitCount) return undefined;
  const tableAt = HEADER_BYTES + slotCount * 12;
  const columns = new Map<number, number>();
  for (let column = 0; column < columnCount; column += 1) {
    cursor.seek(tableAt + column * 4);
    const kind = cursor.u32();
    cursor.seek(tableAt + (row * columnCount + column) * 4);
    columns.set(kind, cursor.u32());
  }
  const info = columns.get(SECT.info);
  if (info === undefined) return undefined;
  return {
    info,
    abbrev: columns.get(SECT.abbrev) ?? 0,
    strOffsets: columns.get(SECT.strOffsets) ?? 0,
    // Version 2 has macros in that column.
    rnglists: version === 5 ? (columns.get(SECT.rnglists) ?? 0) : 0,
  };
}

/** Looks an id up as the standard says: its low half is the first slot, its high half the step. */
function findRow(cursor: SectionCursor, slotCount: number, dwoId: bigint): number | undefined {
  if (slotCount === 0) return undefined;
  const slots = BigInt(slotCount);
  const step = ((dwoId >> 32n) & (slots - 1n)) | 1n;
  let slot = dwoId & (slots - 1n);
  for (let tries = 0; tries < slotCount; tries += 1) {
    cursor.seek(HEADER_BYTES + Number(slot) * 8);
    const found = cursor.exactU64();
    cursor.seek(HEADER_BYTES + slotCount * 8 + Number(slot) * 4);
    const row = cursor.u32();
    if (row === 0) return undefined;
    if (found === dwoId) return row;
    slot = (slot + step) % slots;
  }
  return undefined;
}
