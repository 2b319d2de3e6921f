import { align, setWord, stringTable } from './elf-tables.ts';

/** A section to write; numbers of types and flags are ELF's own, names as in SHT. */
export interface SectionToWrite {
  readonly name: string;
  /** SHT.progbits when left out. */
  readonly type?: number;
  readonly flags?: number;
  /** `baseAddress` plus its file offset when left out. */
  readonly address?: number;
  /** Left out for a section without bytes in the file. */
  readonly bytes?: Uint8Array;
  /** Differs from the number of bytes only for SHT.nobits, or to write a lie. */
  readonly sizeBytes?: number;
  /** Name of the section that `sh_link` means. */
  readonly link?: string;
  readonly info?: number;
  readonly entrySize?: number;
  readonly alignment?: number;
}

/** A segment to write: over the sections named, or over the bytes that the numbers say. */
export interface SegmentToWrite {
  readonly type: number;
  readonly flags?: number;
  /** First and last section inside; the segment's place and size follow from them. */
  readonly over?: readonly [first: string, last: string];
  readonly fileOffset?: number;
  readonly virtualAddress?: number | bigint;
  readonly fileSize?: number;
  readonly memorySize?: number;
  readonly alignment?: number;
}

/** A file to write. */
export interface ElfToWrite {
  /** ET.shared when left out. */
  readonly type?: number;
  /** EM.x86_64 when left out. */
  readonly machine?: number;
  readonly entry?: number;
  /** What file offset 0 is loaded at. */
  readonly baseAddress?: number;
  readonly sections?: readonly SectionToWrite[];
  readonly segments?: readonly SegmentToWrite[];
  /** `false` writes the file as `strip --strip-section-headers` leaves it. */
  readonly hasSectionHeaders?: boolean;
  /** Writes the counts into section header 0, as files with 65,280 sections or more have them. */
  readonly hasLargeCounts?: boolean;
}

export const ET = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;
export const EM = { x86_64: 62, aarch64: 183 } as const;
export const PT = { load: 1, dynamic: 2, interp: 3, note: 4, gnuEhFrame: 0x6474_e550 } as const;
export const SHT = {
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  hash: 5,
  dynamic: 6,
  note: 7,
  nobits: 8,
  dynsym: 11,
  gnuHash: 0x6fff_fff6,
  gnuVerdef: 0x6fff_fffd,
  gnuVerneed: 0x6fff_fffe,
  gnuVersym: 0x6fff_ffff,
} as const;
export const SHF = { write: 1, alloc: 2, execute: 4, compressed: 0x800 } as const;

const HEADER_BYTES = 64;
const SEGMENT_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;

/** A section and its place in the file. */
export interface PlacedSection extends SectionToWrite {
  readonly fileOffset: number;
  readonly memoryBytes: number;
}

/** Writes an ELF64 little-endian file: header, program headers, sections in order, section headers. */
export function writeElf(file: ElfToWrite): Uint8Array {
  const segments = file.segments ?? [];
  const written = file.sections ?? [];
  const names = stringTable([...written.map(({ name }) => name), '.shstrtab']);
  const sections = placeSections(
    [...written, { name: '.shstrtab', type: SHT.strtab, bytes: names.bytes, address: 0 }],
    segments.length,
  );
  const sectionsAt = align(
    Math.max(...sections.map(({ fileOffset, bytes }) => fileOffset + (bytes?.length ?? 0))),
    8,
  );
  const hasHeaders = file.hasSectionHeaders ?? true;
  const bytes = new Uint8Array(sectionsAt + (hasHeaders ? (sections.length + 1) * SECTION_HEADER_BYTES : 0));
  const view = new DataView(bytes.buffer);
  const layout = { sections, base: file.baseAddress ?? 0 };
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  writeHeader(view, file, {
    sectionsAt: hasHeaders ? sectionsAt : 0,
    sectionCount: hasHeaders ? sections.length + 1 : 0,
  });
  for (const [index, segment] of segments.entries()) {
    writeSegment(view, HEADER_BYTES + index * SEGMENT_HEADER_BYTES, segment, layout);
  }
  for (const { fileOffset, bytes: content } of sections)
    if (content !== undefined) bytes.set(content, fileOffset);
  for (const [index, section] of hasHeaders ? sections.entries() : []) {
    const at = sectionsAt + (index + 1) * SECTION_HEADER_BYTES;
    view.setUint32(at, names.offsetOf(section.name), true);
    writeSection(view, at, section, layout);
  }
  return bytes;
}

interface HeaderPlace {
  readonly sectionsAt: number;
  readonly sectionCount: number;
}

function writeHeader(view: DataView, file: ElfToWrite, { sectionsAt, sectionCount }: HeaderPlace): void {
  const segmentCount = file.segments?.length ?? 0;
  const isLarge = file.hasLargeCounts ?? false;
  view.setUint16(16, file.type ?? ET.shared, true);
  view.setUint16(18, file.machine ?? EM.x86_64, true);
  view.setUint32(20, 1, true);
  setWord(view, 24, file.entry ?? 0);
  setWord(view, 32, segmentCount === 0 ? 0 : HEADER_BYTES);
  setWord(view, 40, sectionsAt);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, SEGMENT_HEADER_BYTES, true);
  view.setUint16(56, isLarge ? 0xffff : segmentCount, true);
  view.setUint16(58, SECTION_HEADER_BYTES, true);
  view.setUint16(60, isLarge ? 0 : sectionCount, true);
  view.setUint16(62, isLarge ? 0xffff : Math.max(0, sectionCount - 1), true);
  if (!isLarge) return;
  setWord(view, sectionsAt + 32, sectionCount);
  view.setUint32(sectionsAt + 40, sectionCount - 1, true);
  view.setUint32(sectionsAt + 44, segmentCount, true);
}

interface Layout {
  readonly sections: readonly PlacedSection[];
  readonly base: number;
}

/** Says where writeElf() puts each section, one after the other behind the program headers. */
export function placeSections(
  sections: readonly SectionToWrite[],
  segmentCount: number,
): readonly PlacedSection[] {
  let end = HEADER_BYTES + segmentCount * SEGMENT_HEADER_BYTES;
  return sections.map((section) => {
    const fileOffset = align(end, section.alignment ?? 8);
    end = fileOffset + (section.bytes?.length ?? 0);
    return { ...section, fileOffset, memoryBytes: section.sizeBytes ?? section.bytes?.length ?? 0 };
  });
}

function writeSegment(view: DataView, at: number, segment: SegmentToWrite, { sections, base }: Layout): void {
  const [first, last] = (segment.over ?? []).map((name) => sections.find((section) => section.name === name));
  const fileOffset = segment.fileOffset ?? first?.fileOffset ?? 0;
  const fileEnd = last === undefined ? fileOffset : last.fileOffset + (last.bytes?.length ?? 0);
  const fileSize = segment.fileSize ?? fileEnd - fileOffset;
  const memoryEnd = last === undefined ? fileOffset + fileSize : last.fileOffset + last.memoryBytes;
  view.setUint32(at, segment.type, true);
  view.setUint32(at + 4, segment.flags ?? 4, true);
  setWord(view, at + 8, fileOffset);
  setWord(view, at + 16, segment.virtualAddress ?? first?.address ?? base + fileOffset);
  setWord(view, at + 32, fileSize);
  setWord(view, at + 40, segment.memorySize ?? memoryEnd - fileOffset);
  setWord(view, at + 48, segment.alignment ?? 4096);
}

/** Writes all of a section header but the name. */
function writeSection(view: DataView, at: number, section: PlacedSection, { sections, base }: Layout): void {
  const { fileOffset, link } = section;
  view.setUint32(at + 4, section.type ?? SHT.progbits, true);
  setWord(view, at + 8, section.flags ?? 0);
  setWord(view, at + 16, section.address ?? base + fileOffset);
  setWord(view, at + 24, fileOffset);
  setWord(view, at + 32, section.memoryBytes);
  view.setUint32(at + 40, link === undefined ? 0 : sections.findIndex(({ name }) => name === link) + 1, true);
  view.setUint32(at + 44, section.info ?? 0, true);
  setWord(view, at + 48, section.alignment ?? 8);
  setWord(view, at + 56, section.entrySize ?? 0);
}
