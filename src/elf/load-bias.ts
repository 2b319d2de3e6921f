import { type ElfSegment, SEGMENT_FLAGS } from './segment.ts';

/** One mapping of an ELF file in a process, as a line of its maps shows it. */
export interface FileMapping {
  /** First address of the mapping. */
  readonly start: number;
  /** Offset in the file of what lies at `start`. */
  readonly fileOffset: number;
  readonly isExecutable: boolean;
}

/** What of an ELF file tells where it may be loaded. */
export interface Loadable {
  readonly segments: readonly ElfSegment[];
}

/**
 * Computes what to add to an address of the file to get the address in the process: 0 for a program that is
 * not position-independent, and negative for a prelinked library that went lower.
 *
 * Neighbouring segments often share a page of the file, which is then mapped twice, once for each. So a segment
 * that begins in the mapping's first page explains it before one that only reaches into it, and only
 * executable segments explain executable mappings. `undefined` when no PT_LOAD explains the mapping, or when
 * two do equally well and disagree; another mapping of the same file answers then, best an executable one.
 */
export function loadBiasOf(elf: Loadable, mapping: FileMapping, pageSizeBytes = 4096): number | undefined {
  const starting = new Set<number>();
  const reaching = new Set<number>();
  for (const segment of elf.segments) {
    const { type, flags, fileOffset, fileSize, virtualAddress } = segment;
    if (type !== 'load' || fileSize === 0) continue;
    if (((flags & SEGMENT_FLAGS.execute) !== 0) !== mapping.isExecutable) continue;
    const firstPage = Math.floor(fileOffset / pageSizeBytes) * pageSizeBytes;
    if (mapping.fileOffset < firstPage) continue;
    // What the kernel maps runs to the end of the last page that the segment has a byte in.
    if (mapping.fileOffset >= Math.ceil((fileOffset + fileSize) / pageSizeBytes) * pageSizeBytes) continue;
    const bias = mapping.start - (virtualAddress + mapping.fileOffset - fileOffset);
    (mapping.fileOffset === firstPage ? starting : reaching).add(bias);
  }
  const [bias, ...others] = starting.size > 0 ? starting : reaching;
  return others.length === 0 ? bias : undefined;
}
