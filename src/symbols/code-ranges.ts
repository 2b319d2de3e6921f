import { lastAtOrBefore } from '../base/sorted-search.ts';
import type { ElfFile } from '../elf/elf-file.ts';

// sh_flags and p_flags, System V ABI chapters 4 and 5.
const SHF_EXECINSTR = 4;
const PF_X = 1;

/** Where a file has instructions, in its own addresses. */
export class CodeRanges {
  /** In ascending order. */
  readonly #starts: Float64Array;
  readonly #ends: readonly number[];

  /**
   * @param elf taken at its sections, which a separate debug file keeps without their bytes; at its segments where
   *   section headers are stripped
   */
  constructor(elf: ElfFile) {
    const ranges = (elf.sections.length > 0 ? sectionRanges(elf) : segmentRanges(elf)).toSorted(
      (one, other) => one.start - other.start,
    );
    this.#starts = Float64Array.from(ranges, ({ start }) => start);
    this.#ends = ranges.map(({ end }) => end);
  }

  /** The end of the code that an address lies in; `undefined` for data. */
  endAt(address: number): number | undefined {
    const end = this.#ends[lastAtOrBefore(this.#starts, address)];
    return end !== undefined && address < end ? end : undefined;
  }
}

interface CodeRange {
  readonly start: number;
  readonly end: number;
}

function sectionRanges(elf: ElfFile): readonly CodeRange[] {
  return elf.sections
    .filter(({ flags }) => (flags & SHF_EXECINSTR) !== 0)
    .map(({ address, sizeBytes }) => ({ start: address, end: address + sizeBytes }));
}

function segmentRanges(elf: ElfFile): readonly CodeRange[] {
  return elf.segments
    .filter(({ type, flags }) => type === 'load' && (flags & PF_X) !== 0)
    .map(({ virtualAddress, memorySize }) => ({ start: virtualAddress, end: virtualAddress + memorySize }));
}
