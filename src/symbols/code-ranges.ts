import type { ElfFile } from '../elf/elf-file.ts';

// sh_flags and p_flags, System V ABI chapters 4 and 5.
const SHF_EXECINSTR = 4;
const PF_X = 1;

/** Where a file has instructions, in its own addresses. */
export class CodeRanges {
  readonly #ranges: readonly { readonly start: number; readonly end: number }[];

  /**
   * @param elf taken at its sections, which a separate debug file keeps without their bytes; at its segments where
   *   section headers are stripped
   */
  constructor(elf: ElfFile) {
    const places =
      elf.sections.length > 0
        ? elf.sections.filter(({ flags }) => (flags & SHF_EXECINSTR) !== 0)
        : elf.segments.filter(({ type, flags }) => type === 'load' && (flags & PF_X) !== 0);
    this.#ranges = places.map((place) =>
      'address' in place
        ? { start: place.address, end: place.address + place.sizeBytes }
        : { start: place.virtualAddress, end: place.virtualAddress + place.memorySize },
    );
  }

  /** The end of the code that an address lies in; `undefined` for data. */
  endAt(address: number): number | undefined {
    for (const { start, end } of this.#ranges) if (address >= start && address < end) return end;
    return undefined;
  }
}
