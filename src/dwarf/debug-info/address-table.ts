import { MalformedInputError } from '../../base/errors.ts';
import { wordsOf } from '../../elf/symbol-table.ts';
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
    const words = wordsOf(section.bytesFrom(0, section.sizeBytes));
    let offset = 0;
    while (offset < section.sizeBytes)
      offset = readPlainSet(words, offset, found) ?? readSet(section, offset, found);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
  }
}

/**
 * Reads a set as nearly all are: 32-bit DWARF with addresses of 8 bytes, beginning at a multiple of 4. There are two
 * thousand in that of a C library, and byte by byte they made a first answer a tenth slower. `undefined` for others.
 */
function readPlainSet(words: Uint32Array, offset: number, found: RangeList): number | undefined {
  const first = offset / 4;
  const end = first + 1 + (words[first] ?? 0) / 4;
  const versionAndOffset = words[first + 1] ?? 0;
  const offsetAndSizes = words[first + 2] ?? 0;
  const isPlain = (versionAndOffset & 0xffff) === 2 && offsetAndSizes >>> 16 === 8;
  if (!(isPlain && end <= words.length && Number.isInteger(first) && Number.isInteger(end))) return undefined;
  const unitOffset = (versionAndOffset >>> 16) + (offsetAndSizes & 0xffff) * 2 ** 16;
  for (let at = first + 4; at + 4 <= end; at += 4) {
    const address = (words[at] ?? 0) + (words[at + 1] ?? 0) * 2 ** 32;
    found.add(address, address + (words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 2 ** 32, unitOffset);
  }
  return 4 * end;
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
