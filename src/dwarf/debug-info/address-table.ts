import { MalformedInputError } from '../../base/errors.ts';
import type { PagedSection } from './paged-section.ts';
import type { RangeList } from './range-index.ts';
import { SectionCursor } from './section-cursor.ts';
import { readUnitLength } from './unit-header.ts';

/**
 * Reads `.debug_aranges`, which tells for ranges of addresses where their unit is in `.debug_info`. Not every unit needs
 * to be there. What follows a damaged part is left out: the units say the same, only slower.
 */
export function readAddressTable(section: PagedSection, found: RangeList): void {
  try {
    let offset = 0;
    while (offset < section.sizeBytes) offset = readSet(section, offset, found);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
  }
}

/** Reads the ranges of one unit and tells where those of the next one begin. */
function readSet(section: PagedSection, offset: number, found: RangeList): number {
  const start = new SectionCursor(section, offset);
  const { end, offsetBytes } = readUnitLength(start);
  const cursor = new SectionCursor(section, start.offset, end);
  const version = cursor.u16();
  const unitOffset = cursor.unsigned(offsetBytes);
  const addressBytes = cursor.u8();
  const segmentBytes = cursor.u8();
  if (version !== 2 || segmentBytes !== 0 || (addressBytes !== 4 && addressBytes !== 8)) return end;
  const pairBytes = 2 * addressBytes;
  cursor.seek(offset + Math.ceil((cursor.offset - offset) / pairBytes) * pairBytes);
  while (end - cursor.offset >= pairBytes) {
    const address = cursor.unsigned(addressBytes);
    found.add(address, address + cursor.unsigned(addressBytes), unitOffset);
  }
  return end;
}
