import { type Address, isAddress, toAddress } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/ports.ts';
import { type ElfFile, readElf } from '../elf-file.ts';
import type { ElfMachine } from '../elf-header.ts';
import { SEGMENT_FLAGS } from '../segment.ts';
import { type CoreNotes, readCoreNotes } from './core-notes.ts';
import type { CoreFileMapping } from './file-mappings.ts';

/** A part of the process's memory, as a program header describes it. */
export interface CoreSegment {
  readonly start: Address;
  /** The first address behind it. */
  readonly end: Address;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
  /** Where in the core its bytes lie. */
  readonly fileOffset: number;
  /** How much of it was written to the core, from `start` on. */
  readonly dumpedBytes: number;
  /** How much of that the file still has. */
  readonly presentBytes: number;
}

/** A core file, opened: what it says of its process, and where the memory lies in it. */
export interface CoreFile {
  readonly source: ByteSource;
  readonly machine: ElfMachine;
  readonly notes: CoreNotes;
  /** In address order; none reaches into the next. */
  readonly segments: readonly CoreSegment[];
  /** The files that were mapped, in address order; empty where the core has no list of them. */
  readonly fileMappings: readonly CoreFileMapping[];
  /** How much shorter the file is than its headers say, as one that was cut off by a limit or a full disk. */
  readonly missingBytes: number;
}

/**
 * Opens a core file: reads its headers and notes, nothing of the memory.
 * @throws {MalformedInputError} for anything that is no core file of 64-bit little-endian Linux, or ends before its
 *   program headers do
 */
export function readCore(source: ByteSource): CoreFile {
  const elf = readElf(source);
  if (elf.type !== 'core') {
    throw new MalformedInputError(source.name, 16, `not a core file, its ELF type is ${elf.type}`);
  }
  const expectedBytes = elf.segments.reduce(
    (most, { fileOffset, fileSize }) => (fileSize === 0 ? most : Math.max(most, fileOffset + fileSize)),
    0,
  );
  const notes = readCoreNotes(source, elf.segments);
  return {
    source,
    machine: elf.machine,
    notes,
    fileMappings: (notes.fileMappings ?? []).toSorted((one, other) => one.start - other.start),
    segments: segmentsOf(elf, source.sizeBytes),
    missingBytes: Math.max(0, expectedBytes - source.sizeBytes),
  };
}

function segmentsOf(elf: ElfFile, fileBytes: number): readonly CoreSegment[] {
  const segments = elf.segments.flatMap((segment): readonly CoreSegment[] => {
    const { type, flags, fileOffset, fileSize, memorySize, virtualAddress } = segment;
    const end = virtualAddress + memorySize;
    if (type !== 'load' || memorySize === 0 || !isAddress(end)) return [];
    const dumpedBytes = Math.min(fileSize, memorySize);
    return [
      {
        start: toAddress(virtualAddress),
        end,
        isReadable: (flags & SEGMENT_FLAGS.read) !== 0,
        isWritable: (flags & SEGMENT_FLAGS.write) !== 0,
        isExecutable: (flags & SEGMENT_FLAGS.execute) !== 0,
        fileOffset,
        dumpedBytes,
        presentBytes: Math.max(0, Math.min(dumpedBytes, fileBytes - fileOffset)),
      },
    ];
  });
  return withoutOverlaps(segments.sort((one, other) => one.start - other.start));
}

/** No process has overlapping mappings: where a damaged file says so, the one that begins later has the rest. */
function withoutOverlaps(sorted: readonly CoreSegment[]): readonly CoreSegment[] {
  return sorted.flatMap((segment, index) => {
    const end = toAddress(Math.min(segment.end, sorted[index + 1]?.start ?? segment.end));
    const sizeBytes = end - segment.start;
    if (sizeBytes === 0) return [];
    if (end === segment.end) return [segment];
    const dumpedBytes = Math.min(segment.dumpedBytes, sizeBytes);
    return [{ ...segment, end, dumpedBytes, presentBytes: Math.min(segment.presentBytes, dumpedBytes) }];
  });
}
