import type { SourceRange } from '../model/frame.ts';
import type { Rules } from './layouts/layout.ts';

/** A code object's map from instructions to lines, as its version keeps it. */
export interface LineTable {
  readonly kind: Rules['lineTable'];
  readonly bytes: Uint8Array;
  /** `co_firstlineno`. */
  readonly firstLine: number;
}

/**
 * Resolves a byte offset into the instructions to a place in the source; `undefined` when the table gives the
 * instruction no line or does not reach it. A negative offset is a frame that has not begun: its `def` line.
 */
export function resolvePosition(table: LineTable, instructionOffset: number): SourceRange | undefined {
  if (instructionOffset < 0) return lineOnly(table.firstLine);
  switch (table.kind) {
    case 'lnotab-unsigned':
    case 'lnotab':
      return lineOnly(lineFromLnotab(table, instructionOffset));
    case 'linetable':
      return lineFromLinetable(table, instructionOffset);
    case 'locations':
      return positionFromLocations(table, instructionOffset);
    default:
      return table.kind satisfies never;
  }
}

function lineOnly(line: number): SourceRange {
  return { line, endLine: undefined, column: undefined, endColumn: undefined };
}

/**
 * `co_lnotab`: pairs of a byte delta and a line delta, which is signed from 3.6 on.
 * Source: cpython/Objects/lnotab_notes.txt, 3.9.
 */
function lineFromLnotab({ kind, bytes, firstLine }: LineTable, target: number): number {
  let line = firstLine;
  let offset = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    offset += bytes[at] ?? 0;
    if (offset > target) break;
    const delta = bytes[at + 1] ?? 0;
    line += kind === 'lnotab' ? signedByte(delta) : delta;
  }
  return line;
}

const NO_LINE = -128;

/**
 * `co_linetable` of 3.10: pairs of the length of a range in bytes and a line delta, -128 for "no line".
 * Source: cpython/Objects/lnotab_notes.txt, 3.10.
 */
function lineFromLinetable({ bytes, firstLine }: LineTable, target: number): SourceRange | undefined {
  let line = firstLine;
  let end = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const delta = signedByte(bytes[at + 1] ?? 0);
    end += bytes[at] ?? 0;
    if (delta !== NO_LINE) line += delta;
    if (target < end) return delta === NO_LINE ? undefined : lineOnly(line);
  }
  return undefined;
}

const CODE_UNIT_BYTES = 2;

/**
 * `co_linetable` from 3.11 on: entries of one or more bytes, the first of which is `1kkkklll`: a kind and the
 * length in code units less one. Source: cpython/Objects/locations.md, 3.11.
 */
function positionFromLocations({ bytes, firstLine }: LineTable, target: number): SourceRange | undefined {
  const entry = new LocationReader(bytes);
  let line = firstLine;
  let end = 0;
  while (!entry.atEnd) {
    const first = entry.byte();
    end += ((first & 7) + 1) * CODE_UNIT_BYTES;
    const read = readLocation(entry, (first >> 3) & 15, line);
    line = read.line;
    if (target < end) return entry.isCutOff ? undefined : read.position;
  }
  return undefined;
}

interface Location {
  /** The running line, to which the next entry's delta is added. */
  readonly line: number;
  readonly position: SourceRange | undefined;
}

const SHORT_FORMS_END = 10;
const ONE_LINE_FORMS_END = 13;
const NO_COLUMNS = 13;
const LONG = 14;

function readLocation(entry: LocationReader, kind: number, before: number): Location {
  if (kind < SHORT_FORMS_END) {
    const second = entry.byte();
    const column = kind * 8 + (second >> 4);
    return located({ line: before, endLine: before, column, endColumn: column + (second & 15) });
  }
  if (kind < ONE_LINE_FORMS_END) {
    const line = before + kind - SHORT_FORMS_END;
    return located({ line, endLine: line, column: entry.byte(), endColumn: entry.byte() });
  }
  if (kind === NO_COLUMNS) {
    const line = before + entry.signedVarint();
    return located({ line, endLine: line, column: undefined, endColumn: undefined });
  }
  if (kind === LONG) {
    const line = before + entry.signedVarint();
    const endLine = line + entry.varint();
    return located({ line, endLine, column: entry.column(), endColumn: entry.column() });
  }
  return { line: before, position: undefined };
}

function located(position: SourceRange): Location {
  return { line: position.line, position };
}

/** Reads the pieces of a location entry; past the end it gives zeros and says so. */
class LocationReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isCutOff = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    this.#at += 1;
    if (byte === undefined) this.#isCutOff = true;
    return byte ?? 0;
  }

  /** Six bits a byte, lowest first; bit 6 says that more follow. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 36; scale *= 64) {
      const byte = this.byte();
      value += (byte & 63) * scale;
      if ((byte & 64) === 0) return value;
    }
    this.#isCutOff = true;
    return value;
  }

  signedVarint(): number {
    const value = this.varint();
    const magnitude = Math.floor(value / 2);
    return value % 2 === 1 ? -magnitude : magnitude;
  }

  /** Kept plus one; 0 is "no column". */
  column(): number | undefined {
    const value = this.varint();
    return value === 0 ? undefined : value - 1;
  }
}

function signedByte(byte: number): number {
  return byte < 128 ? byte : byte - 256;
}
