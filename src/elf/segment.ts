import { ByteCursor } from '../base/byte-cursor.ts';
import type { ByteSource } from '../base/ports.ts';
import { type HeaderTable, SEGMENT_HEADER_BYTES } from './elf-header.ts';
import { readRange } from './file-range.ts';

/** What a segment is for, `p_type`. */
export type SegmentType =
  | 'null'
  | 'load'
  | 'dynamic'
  | 'interp'
  | 'note'
  | 'phdr'
  | 'tls'
  | 'gnu-eh-frame'
  | 'gnu-stack'
  | 'gnu-relro'
  | 'gnu-property';

/** One program header: a part of the file and where it goes in memory. */
export interface ElfSegment {
  /** The number where we have no word for it. */
  readonly type: SegmentType | number;
  /** A sum of SEGMENT_FLAGS. */
  readonly flags: number;
  readonly fileOffset: number;
  /** In the file's own address space; in a core file, the target's. */
  readonly virtualAddress: number;
  /** Bytes in the file; a core file may leave some or all of a segment out. */
  readonly fileSize: number;
  /** Bytes in memory; what exceeds the file is zero. */
  readonly memorySize: number;
  readonly alignment: number;
}

/** The bits of `p_flags`. */
export const SEGMENT_FLAGS = { execute: 1, write: 2, read: 4 } as const;

const TYPES: Readonly<Record<number, SegmentType>> = {
  0: 'null',
  1: 'load',
  2: 'dynamic',
  3: 'interp',
  4: 'note',
  6: 'phdr',
  7: 'tls',
  1685382480: 'gnu-eh-frame',
  1685382481: 'gnu-stack',
  1685382482: 'gnu-relro',
  1685382483: 'gnu-property',
};

/**
 * Reads the program headers. A segment above 2^53 is left out: that is `[vsyscall]` in a core file, which no
 * address of ours can name.
 */
export function readSegments(source: ByteSource, table: HeaderTable): readonly ElfSegment[] {
  const range = { fileOffset: table.fileOffset, sizeBytes: table.count * SEGMENT_HEADER_BYTES };
  if (range.sizeBytes === 0) return [];
  const cursor = new ByteCursor(
    readRange(source, range, `program headers, ${table.count},`),
    `program headers of ${source.name}`,
  );
  const segments: ElfSegment[] = [];
  while (!cursor.atEnd) {
    const type = cursor.u32();
    const flags = cursor.u32();
    const fileOffset = cursor.size();
    const virtualAddress = Number(cursor.u64());
    cursor.skip(8);
    const fileSize = cursor.size();
    const memorySize = cursor.size();
    const alignment = cursor.size();
    if (!Number.isSafeInteger(virtualAddress)) continue;
    segments.push({
      type: TYPES[type] ?? type,
      flags,
      fileOffset,
      virtualAddress,
      fileSize,
      memorySize,
      alignment,
    });
  }
  return segments;
}
