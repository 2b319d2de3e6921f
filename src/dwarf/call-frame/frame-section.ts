import { ByteCursor } from '../../base/byte-cursor.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { LazyBytes } from './lazy-bytes.ts';

/** Two sections hold call frame information, and differ in how their entries refer to each other. */
export type FrameSectionKind = 'eh_frame' | 'debug_frame';

/** A section of call frame information, and what its pointers may be relative to. */
export interface FrameSection {
  readonly kind: FrameSectionKind;
  /** What to call it in a message. */
  readonly name: string;
  /** In the file's own address space. */
  readonly address: number;
  readonly bytes: LazyBytes;
  /** Addresses of `.text` and of the global offset table, where the file has them. */
  readonly text: number | undefined;
  readonly data: number | undefined;
}

/** What begins each CIE and each FDE: how long it is, and which of the two. */
export interface EntryHeader {
  readonly offset: number;
  /** Offset of the first byte behind the entry. */
  readonly end: number;
  /** Bytes of the length and of the CIE pointer together. */
  readonly headerBytes: number;
  /** Offset of the CIE that an FDE belongs to; `undefined` for what is a CIE itself. */
  readonly cieOffset: number | undefined;
}

/** A length of 32 bits above it says something else (DWARF 5, 7.2.2). */
const LARGEST_LENGTH_32 = 0xffff_ffef;
const IS_64_BIT = 0xffff_ffff;

/** An entry has a few hundred bytes, that of an interpreter's main loop ten thousand. */
const MAX_ENTRY_BYTES = 1 << 20;

const LONGEST_HEADER_BYTES = 20;

/**
 * Reads the header of the entry at an offset; `undefined` for the four zero bytes that end a part of `.eh_frame`.
 * @throws {MalformedInputError} when no entry of a possible length is there
 */
export function readEntryHeader(section: FrameSection, offset: number): EntryHeader | undefined {
  const cursor = new ByteCursor(section.bytes.bytesAt(offset, LONGEST_HEADER_BYTES), section.name);
  const blame = (state: string) => new MalformedInputError(section.name, offset, state);
  if (section.bytes.sizeBytes - offset < 4) throw blame('no entry begins here');
  let length = cursor.u32();
  if (length === 0) return undefined;
  const is64Bit = length === IS_64_BIT;
  if (!is64Bit && length > LARGEST_LENGTH_32) throw blame(`entry length ${length} is reserved`);
  if (is64Bit) length = cursor.size();
  const end = offset + cursor.offset + length;
  if (!(end <= section.bytes.sizeBytes)) throw blame(`entry of ${length} bytes ends outside`);
  const pointerOffset = offset + cursor.offset;
  // The CIE pointer of .eh_frame has 32 bits whatever the length has (LSB 5.0 Core, 10.6.1).
  const isWide = is64Bit && section.kind === 'debug_frame';
  if (length < (isWide ? 8 : 4)) throw blame(`entry of ${length} bytes is too short`);
  const cieOffset = isWide ? wideCieOffset(cursor) : cieOffsetOf(cursor.u32(), section.kind, pointerOffset);
  return { offset, end, headerBytes: cursor.offset, cieOffset };
}

/** In `.eh_frame` the pointer is the distance back from itself, in `.debug_frame` an offset of the section. */
function cieOffsetOf(pointer: number, kind: FrameSectionKind, pointerOffset: number): number | undefined {
  if (kind === 'eh_frame') return pointer === 0 ? undefined : pointerOffset - pointer;
  return pointer === 0xffff_ffff ? undefined : pointer;
}

function wideCieOffset(cursor: ByteCursor): number | undefined {
  const pointer = cursor.u64();
  return pointer === 0xffff_ffff_ffff_ffffn ? undefined : Number(pointer);
}

/**
 * Reads an entry whole, for a cursor that stands behind its header.
 * @throws {MalformedInputError} for an entry that is absurdly long
 */
export function entryCursor(section: FrameSection, entry: EntryHeader): ByteCursor {
  const sizeBytes = entry.end - entry.offset;
  if (sizeBytes > MAX_ENTRY_BYTES) {
    const state = `entry of ${sizeBytes} bytes, above ${MAX_ENTRY_BYTES}`;
    throw new MalformedInputError(section.name, entry.offset, state);
  }
  const bytes = section.bytes.bytesAt(entry.offset, sizeBytes);
  return new ByteCursor(bytes, section.name, entry.headerBytes);
}
