import { parseIfSound } from '../../base/read-if-sound.ts';
import type { FrameEntries } from './entries.ts';
import { type EntryHeader, readEntryHeader } from './frame-section.ts';

/** Of which code the FDE at an offset of its section is. */
interface IndexedEntry {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** Every FDE of a section by the code that it is about: for sections that have no table to search. */
export class EntryIndex {
  readonly #entries: readonly IndexedEntry[];

  /** Scans the whole section. What makes no sense is passed over; behind a wrong length nothing can be found. */
  constructor(entries: FrameEntries) {
    this.#entries = [...scan(entries)].sort((one, other) => one.start - other.start || one.end - other.end);
  }

  /** Finds the offset of the FDE whose code holds an address. */
  findOffset(address: number): number | undefined {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#entries[middle]?.start ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.#entries[low - 1];
    return found !== undefined && address < found.end ? found.offset : undefined;
  }
}

function* scan(entries: FrameEntries): Generator<IndexedEntry> {
  const { section } = entries;
  let offset = 0;
  while (offset < section.bytes.sizeBytes) {
    const header = parseIfSound(() => readEntryHeader(section, offset) ?? 'terminator');
    if (header === undefined) return;
    if (header === 'terminator') {
      // Linkers leave the terminator of one input in the middle of the output.
      offset += 4;
      continue;
    }
    const range = codeRangeOf(entries, header);
    // A function that the linker has left out keeps its FDE, at address 0 or without code.
    if (range !== undefined && range.start !== 0 && range.end > range.start) yield { ...range, offset };
    offset = header.end;
  }
}

function codeRangeOf(entries: FrameEntries, header: EntryHeader) {
  const { cieOffset } = header;
  return cieOffset === undefined ? undefined : parseIfSound(() => entries.codeRangeOf(header, cieOffset));
}
