import { stringTable } from './elf-tables.ts';
import { type SectionToWrite, SHF, SHT } from './elf-writer.ts';

/** A version to write, by the index that symbols name it by. */
export interface VersionToWrite {
  readonly index: number;
  readonly name: string;
}

/** The versions of a file's dynamic symbols. */
export interface VersionsToWrite {
  /** One for each symbol, entry 0 included; 0x8000 marks a hidden one. */
  readonly symbols: readonly number[];
  readonly defined?: readonly VersionToWrite[];
  readonly needed?: readonly VersionToWrite[];
}

/** The sections `.gnu.version`, `.gnu.version_d` and `.gnu.version_r`, with the names in a section of their own. */
export function versionSections({ symbols, defined = [], needed = [] }: VersionsToWrite): SectionToWrite[] {
  const strings = stringTable([...defined, ...needed].map(({ name }) => name));
  const common = { flags: SHF.alloc, link: '.verstr' };
  return [
    { name: '.verstr', type: SHT.strtab, bytes: strings.bytes },
    { ...common, name: '.gnu.version', type: SHT.gnuVersym, bytes: halves(symbols) },
    {
      ...common,
      name: '.gnu.version_d',
      type: SHT.gnuVerdef,
      bytes: definitions(defined, strings.offsetOf),
    },
    { ...common, name: '.gnu.version_r', type: SHT.gnuVerneed, bytes: needs(needed, strings.offsetOf) },
  ].filter(({ bytes }) => bytes.length > 0);
}

function halves(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

/** A Verdef of 20 bytes and its Verdaux of 8 after each other. */
function definitions(versions: readonly VersionToWrite[], offsetOf: (name: string) => number): Uint8Array {
  const bytes = new Uint8Array(28 * versions.length);
  const view = new DataView(bytes.buffer);
  versions.forEach(({ index, name }, position) => {
    const at = 28 * position;
    view.setUint16(at, 1, true);
    view.setUint16(at + 4, index, true);
    view.setUint16(at + 6, 1, true);
    view.setUint32(at + 12, 20, true);
    view.setUint32(at + 16, position === versions.length - 1 ? 0 : 28, true);
    view.setUint32(at + 20, offsetOf(name), true);
  });
  return bytes;
}

/** One Verneed of 16 bytes, and its Vernaux of 16 each behind it. */
function needs(versions: readonly VersionToWrite[], offsetOf: (name: string) => number): Uint8Array {
  if (versions.length === 0) return new Uint8Array();
  const bytes = new Uint8Array(16 + 16 * versions.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 1, true);
  view.setUint16(2, versions.length, true);
  view.setUint32(8, 16, true);
  versions.forEach(({ index, name }, position) => {
    const at = 16 + 16 * position;
    view.setUint16(at + 6, index, true);
    view.setUint32(at + 8, offsetOf(name), true);
    view.setUint32(at + 12, position === versions.length - 1 ? 0 : 16, true);
  });
  return bytes;
}
