import { ByteCursor } from '../base/byte-cursor.ts';
import type { ByteSource } from '../base/ports.ts';
import {
  type DynamicSymbols,
  dynamicSymbolsOfSections,
  dynamicSymbolsOfSegments,
  symbolTablePlace,
} from './dynamic-symbols.ts';
import { type ElfHeader, type ElfMachine, type ElfType, readElfHeader } from './elf-header.ts';
import type { ElfSymbol } from './elf-symbol.ts';
import { type FileRange, partOf, readRange } from './file-range.ts';
import { parseNotes } from './notes.ts';
import { type ElfSection, readSections } from './section.ts';
import { readSectionBytes } from './section-bytes.ts';
import { type ElfSegment, readSegments } from './segment.ts';
import { gnuHashCandidates, sysvHashCandidates } from './symbol-hash.ts';
import { SymbolTable } from './symbol-table.ts';

/** The file that holds the debugging information which was stripped, `.gnu_debuglink`. */
export interface DebugLink {
  /** Without a directory. */
  readonly fileName: string;
  /** CRC-32 of that whole file. */
  readonly crc32: number;
}

/** The file that a debug file shares its debugging information with, `.gnu_debugaltlink`; dwz makes it. */
export interface AlternateDebugLink {
  /** Mostly relative to the directory of the debug file. */
  readonly path: string;
  /** The build id of that file, in hexadecimal. */
  readonly buildId: string;
}

const NT_GNU_BUILD_ID = 3;

/**
 * An ELF file of which only the header and the program headers have been read. Everything else is read when
 * asked for, and the small tables are kept; the source must stay readable as long.
 */
export class ElfFile {
  readonly type: ElfType;
  readonly machine: ElfMachine;
  /** Where the program starts, as an address of the file's own. */
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
  readonly #source: ByteSource;
  readonly #header: ElfHeader;
  #sections: readonly ElfSection[] | undefined;
  #dynamic:
    | { readonly hashes: Omit<DynamicSymbols, 'place'>; readonly table: SymbolTable }
    | 'none'
    | undefined;
  #symtab: SymbolTable | 'none' | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#header = readElfHeader(source);
    this.type = this.#header.type;
    this.machine = this.#header.machine;
    this.entry = this.#header.entry;
    this.segments = readSegments(source, this.#header.segments);
  }

  /** What the source is called: mostly its path. */
  get name(): string {
    return this.#source.name;
  }

  /** Empty in a core file, and in a program whose section headers are stripped. */
  get sections(): readonly ElfSection[] {
    this.#sections ??= readSections(this.#source, this.#header);
    return this.#sections;
  }

  /** The first section of that name. */
  findSection(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /**
   * Reads what a section of this file holds, decompressed where the file has it compressed.
   * @throws {MalformedInputError} for a section that has no bytes in the file, such as `.bss`
   */
  sectionBytes(section: ElfSection): Uint8Array {
    return readSectionBytes(this.#source, section);
  }

  /**
   * Reads a stretch of the file as it is, for what is too large to be read whole.
   * @param what the part of the file that it is, for the message
   * @throws {MalformedInputError} when the file ends before the range does
   */
  rangeBytes(range: FileRange, what: string): Uint8Array {
    return readRange(this.#source, range, what);
  }

  /**
   * Reads a part of a section of this file as it lies there, by offset from the start of the section.
   * @throws {MalformedInputError} when the part does not lie inside the section
   */
  sectionPart(section: ElfSection, part: FileRange): Uint8Array {
    const what = `part of section ${section.name}`;
    return readRange(this.#source, partOf(this.#source, section, part, what), what);
  }

  /** Reads the part of a segment of this file that is in the file. */
  segmentBytes({ type, fileOffset, fileSize }: ElfSegment): Uint8Array {
    return readRange(this.#source, { fileOffset, sizeBytes: fileSize }, `segment ${type}`);
  }

  /**
   * Finds the definition of a name: among the dynamic symbols by hash, or by scanning where the file has no
   * hash table, and then in `.symtab`. Of versions of one name it takes the first in the table.
   */
  findSymbol(name: string): ElfSymbol | undefined {
    if (name === '' || name.includes('\0')) return undefined;
    return this.#findDynamicSymbol(name) ?? this.#symbolTable()?.scanFor(name);
  }

  /** Finds the definition of a name among the dynamic symbols alone, which takes no scan where there is a hash table. */
  findExportedSymbol(name: string): ElfSymbol | undefined {
    return name === '' || name.includes('\0') ? undefined : this.#findDynamicSymbol(name);
  }

  /** A symbol table itself, to make an index of; `undefined` where the file does not have it. */
  symbolTable(table: 'dynsym' | 'symtab'): SymbolTable | undefined {
    return table === 'symtab' ? this.#symbolTable() : this.#dynamicSymbols()?.table;
  }

  /** Every entry of a symbol table, in its order; nothing where the file does not have it. */
  *symbols(table: 'dynsym' | 'symtab'): Generator<ElfSymbol> {
    const found = this.symbolTable(table);
    if (found !== undefined) yield* found;
  }

  /** The build id in hexadecimal, which a program shares with its separate debug file. */
  get buildId(): string | undefined {
    // The notes of a core file are the target's state; those that name its files lie in their own memory.
    if (this.type === 'core') return undefined;
    // Sections first: in a debug file the program headers still point to where the stripped bytes were.
    const section = this.findSection('.note.gnu.build-id');
    if (section !== undefined && section.type === 'note')
      return this.#buildIdIn(this.sectionBytes(section), 4);
    for (const segment of this.segments) {
      if (segment.type !== 'note') continue;
      const buildId = this.#buildIdIn(this.segmentBytes(segment), segment.alignment);
      if (buildId !== undefined) return buildId;
    }
    return undefined;
  }

  get debugLink(): DebugLink | undefined {
    const section = this.findSection('.gnu_debuglink');
    if (section === undefined || section.type === 'nobits') return undefined;
    const cursor = new ByteCursor(this.sectionBytes(section), `.gnu_debuglink of ${this.name}`);
    const fileName = cursor.cString();
    cursor.skip((4 - (cursor.offset % 4)) % 4);
    return { fileName, crc32: cursor.u32() };
  }

  get alternateDebugLink(): AlternateDebugLink | undefined {
    const section = this.findSection('.gnu_debugaltlink');
    if (section === undefined || section.type === 'nobits') return undefined;
    const bytes = this.sectionBytes(section);
    const cursor = new ByteCursor(bytes, `.gnu_debugaltlink of ${this.name}`);
    const path = cursor.cString();
    return { path, buildId: Buffer.from(bytes.subarray(cursor.offset)).toString('hex') };
  }

  #buildIdIn(notes: Uint8Array, alignment: number): string | undefined {
    for (const { owner, type, description } of parseNotes(notes, alignment, `notes of ${this.name}`)) {
      if (owner === 'GNU' && type === NT_GNU_BUILD_ID && description.length > 0) {
        return Buffer.from(description).toString('hex');
      }
    }
    return undefined;
  }

  #findDynamicSymbol(name: string): ElfSymbol | undefined {
    const dynamic = this.#dynamicSymbols();
    if (dynamic === undefined) return undefined;
    const { hashes, table } = dynamic;
    if (hashes.gnuHash !== undefined) {
      return table.findAmong(gnuHashCandidates(this.#source, hashes.gnuHash, name), name);
    }
    if (hashes.sysvHash !== undefined) {
      return table.findAmong(sysvHashCandidates(this.#source, hashes.sysvHash, name), name);
    }
    return table.scanFor(name);
  }

  #dynamicSymbols():
    | { readonly hashes: Omit<DynamicSymbols, 'place'>; readonly table: SymbolTable }
    | undefined {
    if (this.#dynamic === undefined) {
      const found =
        this.sections.length > 0
          ? dynamicSymbolsOfSections(this.#source, this.sections)
          : dynamicSymbolsOfSegments(this.#source, this.segments);
      this.#dynamic =
        found === undefined ? 'none' : { hashes: found, table: new SymbolTable(this.#source, found.place) };
    }
    return this.#dynamic === 'none' ? undefined : this.#dynamic;
  }

  #symbolTable(): SymbolTable | undefined {
    if (this.#symtab === undefined) {
      const place = symbolTablePlace(this.#source, this.sections, 'symtab');
      this.#symtab = place === undefined ? 'none' : new SymbolTable(this.#source, place);
    }
    return this.#symtab === 'none' ? undefined : this.#symtab;
  }
}

/**
 * Opens an ELF file: reads its header and program headers.
 * @throws {MalformedInputError} for anything that is not a 64-bit little-endian ELF file
 */
export function readElf(source: ByteSource): ElfFile {
  return new ElfFile(source);
}
