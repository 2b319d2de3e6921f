import { ByteCursor } from '../base/byte-cursor.ts';
import type { ElfFile } from './elf-file.ts';
import type { ElfSection } from './section.ts';

/** `vs_vers` bit of a definition that only programs linked against an older file still get. */
const VERSYM_HIDDEN = 0x8000;

/** Indexes below are "local" and "global": no version. */
const FIRST_VERSION_INDEX = 2;

/** The most records that are read of one file: the index of a version has 15 bits. */
const MAX_RECORDS = 2 ** 15;

/** Longer names are refused. */
const MAX_NAME_BYTES = 1024;

interface Version {
  readonly name: string;
  /** The file defines it; else it asks another file for it. */
  readonly isOwn: boolean;
}

/** The versions of the dynamic symbols of one file (Linux Standard Base, Core, chapter on symbol versioning). */
export class SymbolVersions {
  readonly #indexes: Uint8Array;
  readonly #versions: ReadonlyMap<number, Version>;

  constructor(indexes: Uint8Array, versions: ReadonlyMap<number, Version>) {
    this.#indexes = indexes;
    this.#versions = versions;
  }

  /**
   * What follows the name of a defined dynamic symbol: `@@GLIBC_2.34` for the version that linking takes now,
   * `@GLIBC_2.2.5` for an older one and for what was copied out of another file, nothing for a name without version.
   */
  suffixOf(symbolIndex: number): string {
    const at = 2 * symbolIndex;
    const value = (this.#indexes[at] ?? 0) + 256 * (this.#indexes[at + 1] ?? 0);
    const version = this.#versions.get(value & ~VERSYM_HIDDEN);
    if (version === undefined) return '';
    const isCurrent = version.isOwn && (value & VERSYM_HIDDEN) === 0;
    return `${isCurrent ? '@@' : '@'}${version.name}`;
  }
}

/** Reads the versions of a file's dynamic symbols; `undefined` where it has none, or has no section headers. */
export function readSymbolVersions(elf: ElfFile): SymbolVersions | undefined {
  const indexes = elf.sections.find(({ type }) => type === 'gnu-versym');
  if (indexes === undefined) return undefined;
  const versions = new Map<number, Version>();
  const budget = { records: MAX_RECORDS };
  for (const section of elf.sections) {
    if (section.type === 'gnu-verdef') readDefinitions(recordsIn(elf, section, budget), versions);
    if (section.type === 'gnu-verneed') readNeeds(recordsIn(elf, section, budget), versions);
  }
  return new SymbolVersions(elf.sectionBytes(indexes), versions);
}

/** The records of one section, which form chains that only go forward. */
interface Records {
  readonly cursor: ByteCursor;
  readonly strings: Uint8Array;
  /** Shared by all chains of a file, since those of a hostile one may run through each other. */
  readonly budget: { records: number };
}

function recordsIn(elf: ElfFile, section: ElfSection, budget: { records: number }): Records {
  const cursor = new ByteCursor(elf.sectionBytes(section), `${section.name} of ${elf.name}`);
  const table = elf.sections[section.link];
  if (table === undefined) throw cursor.fail(`names are in section ${section.link}, which is not there`);
  return { cursor, strings: elf.sectionBytes(table), budget };
}

/** `Elf64_Verdef`: version, flags, index, count, hash, offset of its first `Elf64_Verdaux`, offset of the next. */
function readDefinitions(records: Records, versions: Map<number, Version>): void {
  const { cursor } = records;
  forEachRecord(records, () => {
    const start = cursor.offset;
    cursor.skip(4);
    const index = cursor.u16();
    cursor.skip(6);
    const auxiliary = cursor.u32();
    const next = cursor.u32();
    cursor.seek(start + auxiliary);
    // The base version, index 1, is the name of the file itself and qualifies nothing.
    if (index >= FIRST_VERSION_INDEX) {
      versions.set(index, { name: nameAt(records, cursor.u32()), isOwn: true });
    }
    return next;
  });
}

/** `Elf64_Verneed`: version, count, file, offset of its first `Elf64_Vernaux`, offset of the next. */
function readNeeds(records: Records, versions: Map<number, Version>): void {
  const { cursor } = records;
  forEachRecord(records, () => {
    const start = cursor.offset;
    cursor.skip(8);
    const auxiliary = cursor.u32();
    const next = cursor.u32();
    cursor.seek(start + auxiliary);
    readNeeded(records, versions);
    return next;
  });
}

/** `Elf64_Vernaux`: hash, flags, index, name, offset of the next. */
function readNeeded(records: Records, versions: Map<number, Version>): void {
  const { cursor } = records;
  forEachRecord(records, () => {
    cursor.skip(6);
    const index = cursor.u16() & ~VERSYM_HIDDEN;
    versions.set(index, { name: nameAt(records, cursor.u32()), isOwn: false });
    return cursor.u32();
  });
}

/** @param readRecord reads the record at the cursor and gives the distance to the next, 0 for the last */
function forEachRecord({ cursor, budget }: Records, readRecord: () => number): void {
  for (;;) {
    if (budget.records === 0) throw cursor.fail(`more than ${MAX_RECORDS} records`);
    budget.records -= 1;
    const start = cursor.offset;
    const next = readRecord();
    if (next === 0) return;
    cursor.seek(start + next);
  }
}

function nameAt({ cursor, strings }: Records, offset: number): string {
  const end = strings.subarray(offset, offset + MAX_NAME_BYTES).indexOf(0);
  if (end === -1) throw cursor.fail(`version name at ${offset} does not end within ${MAX_NAME_BYTES} bytes`);
  return Buffer.from(strings.subarray(offset, offset + end)).toString('utf8');
}
