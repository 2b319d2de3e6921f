import { closeSync, openSync, readSync } from 'node:fs';

/** What of an ELF file tells how an interpreter was built. */
export interface ElfFacts {
  /** It has no `.symtab`. */
  readonly isStripped: boolean;
  /** The libraries that it asks for, `DT_NEEDED`. */
  readonly needed: readonly string[];
}

interface Section {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

const DT_NEEDED = 1;

/**
 * Reads the section table of a 64-bit little-endian ELF file; `undefined` for any other file. It is kept apart
 * from `src/elf`, which the tests of the matrix prove.
 */
export function readElfFacts(path: string): ElfFacts | undefined {
  const file = openSync(path, 'r');
  try {
    const header = bytesOf(file, 0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2) return undefined;
    const sections = sectionsOf(file, header);
    return {
      isStripped: !sections.some(({ name }) => name === '.symtab'),
      needed: neededOf(file, sections),
    };
  } finally {
    closeSync(file);
  }
}

function sectionsOf(file: number, header: Buffer): readonly Section[] {
  const tableOffset = Number(header.readBigUInt64LE(40));
  const entryBytes = header.readUInt16LE(58);
  const count = header.readUInt16LE(60);
  const table = bytesOf(file, tableOffset, entryBytes * count);
  const entries = Array.from({ length: count }, (_, index) => {
    const entry = table.subarray(index * entryBytes, (index + 1) * entryBytes);
    return {
      nameOffset: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(24)),
      sizeBytes: Number(entry.readBigUInt64LE(32)),
    };
  });
  const nameTable = entries[header.readUInt16LE(62)];
  if (nameTable === undefined) return [];
  const names = bytesOf(file, nameTable.offset, nameTable.sizeBytes);
  return entries.map(({ nameOffset, ...place }) => ({ ...place, name: cString(names, nameOffset) }));
}

function neededOf(file: number, sections: readonly Section[]): readonly string[] {
  const dynamic = sections.find(({ name }) => name === '.dynamic');
  const strings = sections.find(({ name }) => name === '.dynstr');
  if (dynamic === undefined || strings === undefined) return [];
  const entries = bytesOf(file, dynamic.offset, dynamic.sizeBytes);
  const names = bytesOf(file, strings.offset, strings.sizeBytes);
  const needed: string[] = [];
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    if (Number(entries.readBigUInt64LE(at)) === DT_NEEDED) {
      needed.push(cString(names, Number(entries.readBigUInt64LE(at + 8))));
    }
  }
  return needed;
}

function bytesOf(file: number, offset: number, sizeBytes: number): Buffer {
  const buffer = Buffer.alloc(sizeBytes);
  return buffer.subarray(0, readSync(file, buffer, 0, sizeBytes, offset));
}

function cString(bytes: Buffer, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return bytes.toString('utf8', offset, end === -1 ? bytes.length : end);
}
