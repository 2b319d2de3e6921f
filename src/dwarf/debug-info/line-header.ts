import { stringAt } from './attribute-values.ts';
import type { DebugFile, SectionKind } from './debug-file.ts';
import { FORM } from './dwarf-constants.ts';
import { readForm, skipForm, type UnitEncoding } from './form.ts';
import { SectionCursor } from './section-cursor.ts';
import { readUnitLength } from './unit-header.ts';

/** Where a text is, which is read when it is needed: hostile tables name one long text often. */
export interface TextPlace {
  readonly section: SectionKind | 'alternate';
  readonly offset: number;
}

/** A file of a line table. */
export interface LineFile {
  readonly name: TextPlace | undefined;
  /** Number of its directory. */
  readonly directory: number;
}

/** The header of a line number program. */
export interface LineHeader extends UnitEncoding {
  readonly minInstructionLength: number;
  readonly maxOperations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many LEB128 operands standard opcode `index + 1` has. */
  readonly operandCounts: readonly number[];
  /** In DWARF 5 the first of both is that of the unit itself; before, numbers count from 1. */
  readonly directories: readonly (TextPlace | undefined)[];
  readonly files: readonly LineFile[];
  /** Where the opcodes are in `.debug_line`. */
  readonly programOffset: number;
  readonly end: number;
}

/** What an entry of a table of DWARF 5 consists of, `DW_LNCT_*`. */
const LNCT = { path: 1, directoryIndex: 2 } as const;

/** Bytes that a header takes in memory, about. */
export function lineHeaderBytes({ files, directories }: LineHeader): number {
  return 500 + (files.length + directories.length) * 120;
}

/** Reads the header of the line program at an offset of `.debug_line`. */
export function readLineHeader(file: DebugFile, offset: number): LineHeader | undefined {
  const section = file.section('line');
  if (section === undefined) return undefined;
  const start = new SectionCursor(section, offset);
  const { end, offsetBytes } = readUnitLength(start);
  const cursor = new SectionCursor(section, start.offset, end);
  const version = cursor.u16();
  if (version < 2 || version > 5) return undefined;
  const addressBytes = version >= 5 ? readAddressBytes(cursor) : 8;
  const encoding = { version, offsetBytes, addressBytes } as const;
  const headerBytes = cursor.unsigned(offsetBytes);
  const programOffset = cursor.offset + headerBytes;
  if (programOffset > end) throw cursor.fail(`line header has ${headerBytes} bytes, more than its program`);
  const minInstructionLength = cursor.u8();
  const maxOperations = version >= 4 ? Math.max(1, cursor.u8()) : 1;
  cursor.skip(1);
  const lineBase = cursor.i8();
  const lineRange = cursor.u8();
  if (lineRange === 0) throw cursor.fail('line range is 0');
  const opcodeBase = cursor.u8();
  const operandCounts = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => cursor.u8());
  const tables = version >= 5 ? readTables(cursor, encoding) : readOldTables(cursor);
  return {
    ...encoding,
    minInstructionLength,
    maxOperations,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    ...tables,
    programOffset,
    end,
  };
}

function readAddressBytes(cursor: SectionCursor): 4 | 8 {
  const addressBytes = cursor.u8();
  const segmentBytes = cursor.u8();
  if ((addressBytes !== 4 && addressBytes !== 8) || segmentBytes !== 0)
    throw cursor.fail(`addresses of ${addressBytes} bytes and segments of ${segmentBytes} are unknown`);
  return addressBytes;
}

type Tables = Pick<LineHeader, 'directories' | 'files'>;

/** Tables of DWARF 2 to 4: `/usr/include\0…\0`, then `stdio.h\0 directory time size … \0`. */
function readOldTables(cursor: SectionCursor): Tables {
  const directories: TextPlace[] = [];
  for (let place = textHere(cursor); place !== undefined; place = textHere(cursor)) directories.push(place);
  const files: LineFile[] = [];
  for (let file = readOldFile(cursor); file !== undefined; file = readOldFile(cursor)) files.push(file);
  return { directories, files };
}

/** Reads a file as DWARF 2 to 4 write it; `undefined` at the end of the table. */
export function readOldFile(cursor: SectionCursor): LineFile | undefined {
  const name = textHere(cursor);
  if (name === undefined) return undefined;
  const directory = cursor.uleb128();
  cursor.skipLeb128();
  cursor.skipLeb128();
  return { name, directory };
}

/** Moves over a text; `undefined` for an empty one. */
function textHere(cursor: SectionCursor): TextPlace | undefined {
  const { offset } = cursor;
  cursor.skipCString();
  return cursor.offset === offset + 1 ? undefined : { section: 'line', offset };
}

function readTables(cursor: SectionCursor, encoding: UnitEncoding): Tables {
  const directories = readTable(cursor, encoding).map(({ name }) => name);
  return { directories, files: readTable(cursor, encoding) };
}

interface Column {
  readonly content: number;
  readonly form: number;
}

/** A table of DWARF 5: which columns an entry has and in which forms, then the entries. */
function readTable(cursor: SectionCursor, encoding: UnitEncoding): readonly LineFile[] {
  const columns: Column[] = Array.from({ length: cursor.u8() }, () => {
    const content = cursor.uleb128();
    return { content, form: cursor.uleb128() };
  });
  const count = cursor.uleb128();
  const entries: LineFile[] = [];
  for (let index = 0; index < count; index += 1) {
    const { offset } = cursor;
    entries.push(readTableEntry(cursor, columns, encoding));
    // Nothing bounds the number of entries that take no bytes.
    if (cursor.offset === offset) throw cursor.fail(`${count} entries of a line table have no bytes`);
  }
  return entries;
}

function readTableEntry(cursor: SectionCursor, columns: readonly Column[], encoding: UnitEncoding): LineFile {
  let name: TextPlace | undefined;
  let directory = 0;
  for (const { content, form } of columns) {
    if (content === LNCT.path) name = textOf(readForm(cursor, form, encoding, 0));
    else if (content === LNCT.directoryIndex) directory = readForm(cursor, form, encoding, 0).value;
    else skipForm(cursor, form, encoding);
  }
  return { name, directory };
}

function textOf({ form, value }: { readonly form: number; readonly value: number }): TextPlace | undefined {
  switch (form) {
    case FORM.string:
      return { section: 'line', offset: value };
    case FORM.lineStrp:
      return { section: 'line_str', offset: value };
    case FORM.strp:
      return { section: 'str', offset: value };
    case FORM.strpSup:
    case FORM.gnuStrpAlt:
      return { section: 'alternate', offset: value };
    default:
      return undefined;
  }
}

/**
 * The path of a file by its number in a line table, joined with the directories as gdb shows it; a `..` stays, since
 * what it means depends on symbolic links.
 */
export function filePathOf(
  file: DebugFile,
  header: LineHeader,
  index: number,
  compilationDirectory: string | undefined,
): string | undefined {
  const first = header.version >= 5 ? 0 : 1;
  const entry = header.files[index - first];
  const name = entry === undefined ? undefined : textAt(file, entry.name);
  if (entry === undefined || name === undefined || name.startsWith('/')) return name;
  // Directory 0 is that of the compilation in every version.
  const directory =
    entry.directory === 0 ? undefined : textAt(file, header.directories[entry.directory - first]);
  if (directory?.startsWith('/') === true) return `${directory}/${name}`;
  return [compilationDirectory, directory, name].filter((part) => part !== undefined).join('/');
}

function textAt(file: DebugFile, place: TextPlace | undefined): string | undefined {
  if (place === undefined) return undefined;
  if (place.section !== 'alternate') return stringAt(file, place.section, place.offset);
  return file.alternate === undefined ? undefined : stringAt(file.alternate, 'str', place.offset);
}
