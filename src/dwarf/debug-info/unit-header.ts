import type { UnitEncoding } from './form.ts';
import type { PagedSection } from './paged-section.ts';
import { SectionCursor } from './section-cursor.ts';

/** What a unit holds; `unknown` for those of another version, which are only stepped over. */
export type UnitKind = 'compile' | 'type' | 'partial' | 'skeleton' | 'split' | 'unknown';

/** The header of a unit; offsets are those of the section. */
export interface UnitHeader extends UnitEncoding {
  readonly kind: UnitKind;
  readonly offset: number;
  readonly end: number;
  readonly abbrevOffset: number;
  /** Where the root entry is. */
  readonly rootOffset: number;
  /** What a skeleton and its split unit share, from DWARF 5 on. */
  readonly dwoId: bigint | undefined;
}

/** `DW_UT_*`. */
const KINDS: Readonly<Record<number, UnitKind>> = {
  1: 'compile',
  2: 'type',
  3: 'partial',
  4: 'skeleton',
  5: 'split',
  6: 'type',
};

/** A length that begins so says that the unit is 64-bit DWARF; those between are reserved (DWARF 5, section 7.4). */
const FIRST_RESERVED_LENGTH = 0xffff_fff0;
const DWARF64_LENGTH = 0xffff_ffff;

/** Reads a length in front of a unit or table: `00 02 00 00`, or `ff ff ff ff` and 8 bytes. */
export function readUnitLength(cursor: SectionCursor): { readonly end: number; readonly offsetBytes: 4 | 8 } {
  const first = cursor.u32();
  if (first >= FIRST_RESERVED_LENGTH && first !== DWARF64_LENGTH)
    throw cursor.fail(`unit length ${first} is reserved`);
  const length = first === DWARF64_LENGTH ? cursor.u64() : first;
  const end = cursor.offset + length;
  if (end > cursor.end) throw cursor.fail(`unit has ${length} bytes, ${cursor.end - cursor.offset} left`);
  return { end, offsetBytes: first === DWARF64_LENGTH ? 8 : 4 };
}

/** Reads the header of the unit that begins at an offset of `.debug_info`. */
export function readUnitHeader(section: PagedSection, offset: number): UnitHeader {
  const cursor = new SectionCursor(section, offset);
  const { end, offsetBytes } = readUnitLength(cursor);
  const version = cursor.u16();
  if (version < 2 || version > 5) return unknownUnit(version, offset, end);
  const kind = version === 5 ? (KINDS[cursor.u8()] ?? 'unknown') : 'compile';
  const addressFirst = version === 5 ? cursor.u8() : 0;
  const abbrevOffset = cursor.unsigned(offsetBytes);
  const addressBytes = version === 5 ? addressFirst : cursor.u8();
  if ((addressBytes !== 4 && addressBytes !== 8) || kind === 'unknown')
    return unknownUnit(version, offset, end);
  const hasDwoId = version === 5 && (kind === 'skeleton' || kind === 'split');
  const dwoId = hasDwoId ? cursor.exactU64() : undefined;
  // The signature of a type and the offset of its entry.
  if (version === 5 && kind === 'type') cursor.skip(8 + offsetBytes);
  const rootOffset = cursor.offset;
  return { kind, version, offset, end, offsetBytes, addressBytes, abbrevOffset, rootOffset, dwoId };
}

function unknownUnit(version: number, offset: number, end: number): UnitHeader {
  const encoding = { version, offsetBytes: 4, addressBytes: 8 } as const;
  return { ...encoding, kind: 'unknown', offset, end, abbrevOffset: 0, rootOffset: end, dwoId: undefined };
}

/** Reads the headers of all units of a section, one after the other. */
export function* unitHeaders(section: PagedSection): Generator<UnitHeader> {
  let offset = 0;
  while (offset < section.sizeBytes) {
    const header = readUnitHeader(section, offset);
    yield header;
    offset = header.end;
  }
}
