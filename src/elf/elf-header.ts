import { ByteCursor } from '../base/byte-cursor.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { readRange } from './file-range.ts';

/** What a file is for, `e_type`. */
export type ElfType = 'relocatable' | 'executable' | 'shared' | 'core';

/** Whose instructions it holds, `e_machine`; the number where we have no word for it. */
export type ElfMachine = 'x86-64' | 'aarch64' | number;

/** Where a table of equally long entries lies in the file. */
export interface HeaderTable {
  readonly fileOffset: number;
  readonly count: number;
}

/** The ELF header, with the counts that did not fit it already looked up. */
export interface ElfHeader {
  readonly type: ElfType;
  readonly machine: ElfMachine;
  /** Where the program starts, as an address of the file's own. */
  readonly entry: number;
  readonly segments: HeaderTable;
  readonly sections: HeaderTable;
  /** Index of the section that holds the section names; 0 when there is none. */
  readonly sectionNameIndex: number;
}

/** Size of an `Elf64_Phdr`. */
export const SEGMENT_HEADER_BYTES = 56;

/** Size of an `Elf64_Shdr`. */
export const SECTION_HEADER_BYTES = 64;

const HEADER_BYTES = 64;
const MAGIC = 0x464c_457f;

/** More headers than this are refused: a core file of a million mappings has fewer. */
const MAX_HEADERS = 2 ** 20;

// Values that say "see section header 0", gABI chapter 4, ELF Header.
const PN_XNUM = 0xffff;
const SHN_XINDEX = 0xffff;
const PT_NOTE = 4;

const TYPES: Readonly<Record<number, ElfType>> = {
  1: 'relocatable',
  2: 'executable',
  3: 'shared',
  4: 'core',
};
const MACHINES: Readonly<Record<number, ElfMachine>> = { 62: 'x86-64', 183: 'aarch64' };

/**
 * Reads the ELF header, and section header 0 where it holds the counts.
 * @throws {MalformedInputError} for anything that is not a 64-bit little-endian ELF file
 */
export function readElfHeader(source: ByteSource): ElfHeader {
  const cursor = new ByteCursor(readIdentified(source), source.name, 16);
  const typeNumber = cursor.u16();
  const type = TYPES[typeNumber];
  if (type === undefined) {
    throw new MalformedInputError(source.name, 16, `file type ${typeNumber} is no program, library or core`);
  }
  const machineNumber = cursor.u16();
  cursor.skip(4);
  const entry = cursor.size();
  const segmentsAt = cursor.size();
  const sectionsAt = cursor.size();
  cursor.skip(6);
  const segmentHeaderBytes = cursor.u16();
  const segmentCount = cursor.u16();
  const sectionHeaderBytes = cursor.u16();
  const sectionCount = cursor.u16();
  const sectionNameIndex = cursor.u16();

  const overflow =
    segmentCount === PN_XNUM || (sectionsAt !== 0 && (sectionCount === 0 || sectionNameIndex === SHN_XINDEX))
      ? readOverflow(source, { type, segmentsAt, sectionsAt })
      : undefined;
  const segments = {
    fileOffset: segmentsAt,
    count: segmentCount === PN_XNUM ? (overflow?.segmentCount ?? 0) : segmentCount,
  };
  const sections = {
    fileOffset: sectionsAt,
    count: sectionsAt === 0 ? 0 : sectionCount === 0 ? (overflow?.sectionCount ?? 0) : sectionCount,
  };
  checkEntries(source, segments, 'program headers', {
    found: segmentHeaderBytes,
    wanted: SEGMENT_HEADER_BYTES,
  });
  checkEntries(source, sections, 'section headers', {
    found: sectionHeaderBytes,
    wanted: SECTION_HEADER_BYTES,
  });
  return {
    type,
    machine: MACHINES[machineNumber] ?? machineNumber,
    entry,
    segments,
    sections,
    sectionNameIndex: sectionNameIndex === SHN_XINDEX ? (overflow?.sectionNameIndex ?? 0) : sectionNameIndex,
  };
}

function readIdentified(source: ByteSource): Uint8Array {
  const start = readRange(
    source,
    { fileOffset: 0, sizeBytes: Math.min(source.sizeBytes, HEADER_BYTES) },
    'ELF header',
  );
  if (start.length < 4 || new ByteCursor(start, source.name).u32() !== MAGIC) {
    throw new MalformedInputError(source.name, 0, 'not an ELF file');
  }
  const [elfClass, encoding] = start.subarray(4);
  if (elfClass !== undefined && elfClass !== 2) {
    const state = elfClass === 1 ? '32-bit ELF, only 64-bit is read' : `ELF class ${elfClass} is unknown`;
    throw new MalformedInputError(source.name, 4, state);
  }
  if (encoding !== undefined && encoding !== 1) {
    const state =
      encoding === 2 ? 'big-endian ELF, only little-endian is read' : `ELF byte order ${encoding} is unknown`;
    throw new MalformedInputError(source.name, 5, state);
  }
  return readRange(source, { fileOffset: 0, sizeBytes: HEADER_BYTES }, 'ELF header');
}

interface Overflow {
  readonly sectionCount: number;
  readonly segmentCount: number;
  readonly sectionNameIndex: number;
}

interface TablePlaces {
  readonly type: ElfType;
  readonly segmentsAt: number;
  readonly sectionsAt: number;
}

/** Section header 0 belongs to no section: it holds the counts that exceed 16 bits. */
function readOverflow(source: ByteSource, { type, segmentsAt, sectionsAt }: TablePlaces): Overflow {
  if (type === 'core' && sectionsAt + SECTION_HEADER_BYTES > source.sizeBytes) {
    return { sectionCount: 0, sectionNameIndex: 0, segmentCount: segmentsBeforeNotes(source, segmentsAt) };
  }
  if (sectionsAt === 0) {
    throw new MalformedInputError(
      source.name,
      56,
      'the program header count is in section header 0, which is missing',
    );
  }
  const bytes = readRange(
    source,
    { fileOffset: sectionsAt, sizeBytes: SECTION_HEADER_BYTES },
    'section header 0',
  );
  const cursor = new ByteCursor(bytes, `section header 0 of ${source.name}`, 32);
  return { sectionCount: cursor.size(), sectionNameIndex: cursor.u32(), segmentCount: cursor.u32() };
}

/**
 * Of a core that was cut off, the kernel's section header 0 is lost, which it writes last. But it puts the notes, to
 * which the first program header leads, right behind the program headers (`elf_core_dump()` of fs/binfmt_elf.c).
 */
function segmentsBeforeNotes(source: ByteSource, segmentsAt: number): number {
  const range = { fileOffset: segmentsAt, sizeBytes: SEGMENT_HEADER_BYTES };
  const cursor = new ByteCursor(readRange(source, range, 'first program header'), source.name);
  const isNote = cursor.u32() === PT_NOTE;
  cursor.skip(4);
  const count = (cursor.size() - segmentsAt) / SEGMENT_HEADER_BYTES;
  if (!isNote || !Number.isInteger(count) || count < PN_XNUM) {
    const state = 'the program header count is in section header 0, which is cut off';
    throw new MalformedInputError(source.name, 56, state);
  }
  return count;
}

function checkEntries(
  source: ByteSource,
  { fileOffset, count }: HeaderTable,
  what: string,
  entryBytes: { readonly found: number; readonly wanted: number },
): void {
  if (count === 0) return;
  if (entryBytes.found !== entryBytes.wanted) {
    const state = `${what} have ${entryBytes.found} bytes each instead of ${entryBytes.wanted}`;
    throw new MalformedInputError(source.name, fileOffset, state);
  }
  if (count > MAX_HEADERS) {
    throw new MalformedInputError(source.name, fileOffset, `${count} ${what} are more than ${MAX_HEADERS}`);
  }
}
