import {
  dynamicTable,
  gnuHashTable,
  inGnuHashOrder,
  note,
  type SymbolToWrite,
  symbolTable,
  sysvHashTable,
} from './elf-tables.ts';
import { PT, placeSections, type SectionToWrite, SHF, SHT, writeElf } from './elf-writer.ts';

/** The parts of a shared library that a test cares about. */
export interface LibraryToWrite {
  /** In `.dynsym`. */
  readonly exported?: readonly SymbolToWrite[];
  /** In `.symtab`, which is left out when this is. */
  readonly internal?: readonly SymbolToWrite[];
  /** `gnu` when left out. */
  readonly hash?: 'gnu' | 'sysv' | 'none';
  readonly buildId?: Uint8Array;
  readonly hasSectionHeaders?: boolean;
  /** More sections, behind those of the dynamic symbols. */
  readonly sections?: readonly SectionToWrite[];
}

/** What file offset 0 of a written library is loaded at. */
export const LIBRARY_BASE = 0x1000;

const BUCKETS = 4;
const SEGMENTS = 3;
const DT = { hash: 4, strtab: 5, symtab: 6, strsz: 10, gnuHash: 0x6fff_fef5 } as const;

/** Writes a shared library whose PT_LOAD and PT_DYNAMIC hold together, so that it reads without section headers too. */
export function writeLibrary(library: LibraryToWrite): Uint8Array {
  const dynamicSections = dynamicSectionsOf(library);
  const tags = { '.gnu.hash': DT.gnuHash, '.hash': DT.hash, '.dynsym': DT.symtab, '.dynstr': DT.strtab };
  const entries: [number, number][] = [];
  for (const { name, fileOffset, memoryBytes } of placeSections(dynamicSections, SEGMENTS)) {
    for (const [section, tag] of Object.entries(tags)) {
      if (name === section) entries.push([tag, LIBRARY_BASE + fileOffset]);
    }
    if (name === '.dynstr') entries.push([DT.strsz, memoryBytes]);
  }
  const dynamic = {
    name: '.dynamic',
    type: SHT.dynamic,
    flags: SHF.alloc | SHF.write,
    bytes: dynamicTable(entries),
    link: '.dynstr',
    entrySize: 16,
  };
  const loaded = placeSections([...dynamicSections, dynamic], SEGMENTS).at(-1);
  return writeElf({
    hasSectionHeaders: library.hasSectionHeaders ?? true,
    baseAddress: LIBRARY_BASE,
    sections: [...dynamicSections, dynamic, ...(library.sections ?? []), ...symtabOf(library.internal)],
    segments: [
      {
        type: PT.load,
        flags: 5,
        fileOffset: 0,
        virtualAddress: LIBRARY_BASE,
        fileSize: (loaded?.fileOffset ?? 0) + (loaded?.memoryBytes ?? 0),
      },
      { type: PT.dynamic, flags: 6, over: ['.dynamic', '.dynamic'], alignment: 8 },
      { type: PT.note, flags: 4, over: ['.note.gnu.build-id', '.note.gnu.build-id'], alignment: 4 },
    ],
  });
}

function dynamicSectionsOf(library: LibraryToWrite): readonly SectionToWrite[] {
  const exported = inGnuHashOrder(library.exported ?? [], BUCKETS);
  const names = exported.map(({ name }) => name);
  const { symbols, strings } = symbolTable(exported);
  const gnuHash = {
    name: '.gnu.hash',
    type: SHT.gnuHash,
    flags: SHF.alloc,
    link: '.dynsym',
    bytes: gnuHashTable(names, 1, BUCKETS),
  };
  const sysvHash = {
    name: '.hash',
    type: SHT.hash,
    flags: SHF.alloc,
    link: '.dynsym',
    bytes: sysvHashTable(names, BUCKETS),
  };
  return [
    {
      name: '.note.gnu.build-id',
      type: SHT.note,
      flags: SHF.alloc,
      bytes: note('GNU', 3, library.buildId ?? new Uint8Array()),
      alignment: 4,
    },
    ...{ gnu: [gnuHash], sysv: [sysvHash], none: [] }[library.hash ?? 'gnu'],
    {
      name: '.dynsym',
      type: SHT.dynsym,
      flags: SHF.alloc,
      bytes: symbols,
      link: '.dynstr',
      info: 1,
      entrySize: 24,
    },
    { name: '.dynstr', type: SHT.strtab, flags: SHF.alloc, bytes: strings, alignment: 1 },
  ];
}

function symtabOf(internal: readonly SymbolToWrite[] | undefined): readonly SectionToWrite[] {
  if (internal === undefined) return [];
  const { symbols, strings } = symbolTable(internal);
  return [
    { name: '.symtab', type: SHT.symtab, bytes: symbols, link: '.strtab', entrySize: 24, address: 0 },
    { name: '.strtab', type: SHT.strtab, bytes: strings, address: 0, alignment: 1 },
  ];
}
