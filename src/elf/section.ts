import { ByteCursor } from '../base/byte-cursor.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { type ElfHeader, SECTION_HEADER_BYTES } from './elf-header.ts';
import { readRange } from './file-range.ts';

/** What a section holds, `sh_type`. */
export type SectionType =
  | 'null'
  | 'progbits'
  | 'symtab'
  | 'strtab'
  | 'rela'
  | 'hash'
  | 'dynamic'
  | 'note'
  | 'nobits'
  | 'rel'
  | 'dynsym'
  | 'init-array'
  | 'fini-array'
  | 'gnu-hash'
  | 'gnu-verdef'
  | 'gnu-verneed'
  | 'gnu-versym';

/** One section header. */
export interface ElfSection {
  readonly name: string;
  /** The number where we have no word for it. */
  readonly type: SectionType | number;
  /** The low half of `sh_flags`; the high half has no meaning yet. */
  readonly flags: number;
  /** In the file's own address space; 0 for what is not loaded. */
  readonly address: number;
  readonly fileOffset: number;
  /** Bytes in the file, or in memory for `nobits`, which has none in the file. */
  readonly sizeBytes: number;
  /** Index of another section, whose meaning depends on the type. */
  readonly link: number;
  readonly info: number;
  /** Bytes of an entry where the section is a table, else 0. */
  readonly entrySize: number;
}

const TYPES: Readonly<Record<number, SectionType>> = {
  0: 'null',
  1: 'progbits',
  2: 'symtab',
  3: 'strtab',
  4: 'rela',
  5: 'hash',
  6: 'dynamic',
  7: 'note',
  8: 'nobits',
  9: 'rel',
  11: 'dynsym',
  14: 'init-array',
  15: 'fini-array',
  1879048182: 'gnu-hash',
  1879048189: 'gnu-verdef',
  1879048190: 'gnu-verneed',
  1879048191: 'gnu-versym',
};

/** Longer names are refused, so that a hostile table cannot make many copies of one long text. */
const MAX_NAME_BYTES = 1024;

type UnnamedSection = Omit<ElfSection, 'name'> & { readonly nameOffset: number };

/** Reads the section headers and their names; a file without a name table has only empty names. */
export function readSections(source: ByteSource, header: ElfHeader): readonly ElfSection[] {
  const { fileOffset, count } = header.sections;
  if (count === 0) return [];
  const range = { fileOffset, sizeBytes: count * SECTION_HEADER_BYTES };
  const bytes = readRange(source, range, `section headers, ${count},`);
  const unnamed = parseHeaders(new ByteCursor(bytes, `section headers of ${source.name}`));
  if (header.sectionNameIndex === 0) {
    return unnamed.map(({ nameOffset: _, ...section }) => ({ name: '', ...section }));
  }
  const table = unnamed[header.sectionNameIndex];
  if (table === undefined || table.type === 'nobits') {
    const state = `the section name table, section ${header.sectionNameIndex} of ${count}, has no bytes`;
    throw new MalformedInputError(source.name, fileOffset, state);
  }
  const names = readRange(source, table, 'section name table');
  return unnamed.map(({ nameOffset, ...section }) => ({
    name: nameAt(names, nameOffset, source.name),
    ...section,
  }));
}

function parseHeaders(cursor: ByteCursor): readonly UnnamedSection[] {
  const sections: UnnamedSection[] = [];
  while (!cursor.atEnd) {
    const nameOffset = cursor.u32();
    const type = cursor.u32();
    const flags = cursor.u32();
    cursor.skip(4);
    const address = cursor.address();
    const fileOffset = cursor.size();
    const sizeBytes = cursor.size();
    const link = cursor.u32();
    const info = cursor.u32();
    cursor.skip(8);
    const entrySize = cursor.size();
    sections.push({
      nameOffset,
      type: TYPES[type] ?? type,
      flags,
      address,
      fileOffset,
      sizeBytes,
      link,
      info,
      entrySize,
    });
  }
  return sections;
}

function nameAt(names: Uint8Array, offset: number, sourceName: string): string {
  const end = names.indexOf(0, offset);
  const what = `section names of ${sourceName}`;
  if (end === -1 || offset >= names.length) {
    throw new MalformedInputError(
      what,
      offset,
      `name does not end within the table of ${names.length} bytes`,
    );
  }
  if (end - offset > MAX_NAME_BYTES) {
    throw new MalformedInputError(what, offset, `name has ${end - offset} bytes, above ${MAX_NAME_BYTES}`);
  }
  return Buffer.from(names.buffer, names.byteOffset + offset, end - offset).toString('utf8');
}
