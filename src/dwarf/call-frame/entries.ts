import type { ByteCursor } from '../../base/byte-cursor.ts';
import { MalformedInputError } from '../../base/errors.ts';
import {
  ABSOLUTE,
  OMITTED,
  type PointerBases,
  readEncodedNumber,
  readEncodedPointer,
} from './encoded-pointer.ts';
import { type EntryHeader, entryCursor, type FrameSection, readEntryHeader } from './frame-section.ts';

/** A Common Information Entry: what several functions share. */
export interface CommonEntry {
  readonly offset: number;
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returnAddressRegister: number;
  /** DW_EH_PE_… of the addresses in the FDEs. */
  readonly pointerEncoding: number;
  /** FDEs have a length-prefixed augmentation of their own (`z`). */
  readonly hasAugmentationData: boolean;
  readonly isSignalFrame: boolean;
  readonly instructions: Uint8Array;
}

/** A Frame Description Entry: one stretch of code, in the file's own addresses. */
export interface FrameEntry {
  readonly common: CommonEntry;
  readonly start: number;
  /** Behind the last byte of the code. */
  readonly end: number;
  readonly instructions: Uint8Array;
  /** For DW_CFA_set_loc: address of the first byte of `instructions`. */
  readonly instructionsAddress: number;
}

/** A library has one to three of them; more are read again. */
const MAX_CACHED = 256;

const ADDRESS_BYTES = 8;

/** The CIEs and FDEs of one section; the CIEs that were read are kept. */
export class FrameEntries {
  readonly section: FrameSection;
  readonly #commonEntries = new Map<number, CommonEntry>();

  constructor(section: FrameSection) {
    this.section = section;
  }

  /**
   * Reads the FDE at an offset.
   * @throws {MalformedInputError} when there is none, or when its CIE makes no sense
   */
  frameEntryAt(offset: number): FrameEntry {
    const header = readEntryHeader(this.section, offset);
    const cieOffset = header?.cieOffset;
    if (header === undefined || cieOffset === undefined)
      throw new MalformedInputError(this.section.name, offset, 'no FDE begins here');
    return this.#parse(header, this.commonEntryAt(cieOffset));
  }

  /**
   * Reads only which code the FDE with that header is about.
   * @throws {MalformedInputError} when it or its CIE makes no sense
   */
  codeRangeOf(header: EntryHeader, cieOffset: number): Pick<FrameEntry, 'start' | 'end'> {
    const { pointerEncoding } = this.commonEntryAt(cieOffset);
    return this.#codeRange(entryCursor(this.section, header), pointerEncoding, header.offset);
  }

  /** Reads the CIE at an offset. */
  commonEntryAt(offset: number): CommonEntry {
    const known = this.#commonEntries.get(offset);
    if (known !== undefined) return known;
    const header = readEntryHeader(this.section, offset);
    if (header === undefined || header.cieOffset !== undefined)
      throw new MalformedInputError(this.section.name, offset, 'no CIE begins here');
    const parsed = parseCommonEntry(entryCursor(this.section, header), header, this.section);
    if (this.#commonEntries.size >= MAX_CACHED) this.#commonEntries.clear();
    this.#commonEntries.set(offset, parsed);
    return parsed;
  }

  #parse(header: EntryHeader, common: CommonEntry): FrameEntry {
    const cursor = entryCursor(this.section, header);
    const { start, end } = this.#codeRange(cursor, common.pointerEncoding, header.offset);
    if (common.hasAugmentationData) cursor.skip(cursor.uleb128());
    return {
      common,
      start,
      end,
      instructionsAddress: this.section.address + header.offset + cursor.offset,
      instructions: cursor.bytes(header.end - header.offset - cursor.offset),
    };
  }

  #codeRange(cursor: ByteCursor, encoding: number, offset: number): Pick<FrameEntry, 'start' | 'end'> {
    const bases = basesAt(this.section, this.section.address + offset);
    const start = readEncodedPointer(cursor, encoding, bases);
    const sizeBytes = readEncodedNumber(cursor, encoding & 0x0f, bases);
    const end = start + sizeBytes;
    if (sizeBytes < 0 || !Number.isSafeInteger(end))
      throw cursor.fail(`${sizeBytes} bytes of code are no size`);
    return { start, end };
  }
}

/** What pointers of a section are relative to, for a cursor whose offset 0 has that address. */
export function basesAt({ text, data }: FrameSection, cursor: number): PointerBases {
  return { cursor, text, data };
}

function parseCommonEntry(cursor: ByteCursor, header: EntryHeader, section: FrameSection): CommonEntry {
  const version = cursor.u8();
  // .eh_frame has version 1 from gcc and 3 from others; .debug_frame 1, 3 and 4 (DWARF 2, 3, 4 and 5).
  if (![1, 3, 4].includes(version)) throw cursor.fail(`CIE version ${version} is unknown`);
  const augmentation = cursor.cString();
  // An address of the exception table, from before there was .eh_frame_hdr.
  if (augmentation === 'eh') cursor.skip(ADDRESS_BYTES);
  if (version === 4) readSizes(cursor);
  const codeAlignment = cursor.uleb128();
  const dataAlignment = cursor.sleb128();
  const returnAddressRegister = version === 1 ? cursor.u8() : cursor.uleb128();
  const rest = { pointerEncoding: ABSOLUTE, isSignalFrame: false };
  if (augmentation !== 'eh' && augmentation !== '')
    Object.assign(rest, readAugmentation(cursor, augmentation, section.address + header.offset));
  return {
    offset: header.offset,
    codeAlignment,
    dataAlignment,
    returnAddressRegister,
    hasAugmentationData: augmentation.startsWith('z'),
    ...rest,
    instructions: cursor.bytes(header.end - header.offset - cursor.offset),
  };
}

/** Version 4 says how large addresses and segment selectors are. */
function readSizes(cursor: ByteCursor): void {
  const addressBytes = cursor.u8();
  const segmentBytes = cursor.u8();
  if (addressBytes !== ADDRESS_BYTES || segmentBytes !== 0) {
    throw cursor.fail(`addresses of ${addressBytes} bytes in segments of ${segmentBytes} are not read`);
  }
}

interface Augmentation {
  pointerEncoding: number;
  isSignalFrame: boolean;
}

/**
 * Reads what the letters of an augmentation announce: `z` a length, `P` a personality routine, `L` an encoding of the
 * language's data, `R` one of code addresses, `S` a signal frame, `B` the second key for signing, `G` tagged memory.
 * Behind `z` a letter that is unknown ends the reading, and the length leads past it.
 */
function readAugmentation(cursor: ByteCursor, letters: string, address: number): Augmentation {
  const found: Augmentation = { pointerEncoding: ABSOLUTE, isSignalFrame: false };
  const hasLength = letters.startsWith('z');
  const sizeBytes = hasLength ? cursor.uleb128() : 0;
  const end = cursor.offset + sizeBytes;
  for (const letter of hasLength ? letters.slice(1) : letters) {
    if (readLetter(cursor, letter, { found, address })) continue;
    if (!hasLength) throw cursor.fail(`CIE augmentation ${JSON.stringify(letters)} is unknown`);
    break;
  }
  if (hasLength) cursor.seek(end);
  return found;
}

function readLetter(
  cursor: ByteCursor,
  letter: string,
  { found, address }: { readonly found: Augmentation; readonly address: number },
): boolean {
  switch (letter) {
    case 'P': {
      const encoding = cursor.u8();
      if (encoding !== OMITTED) readEncodedNumber(cursor, encoding, { cursor: address });
      return true;
    }
    case 'L':
      cursor.skip(1);
      return true;
    case 'R':
      found.pointerEncoding = cursor.u8();
      return true;
    case 'S':
      found.isSignalFrame = true;
      return true;
    case 'B':
    case 'G':
      return true;
    default:
      return false;
  }
}
