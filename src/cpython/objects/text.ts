import { type Address, hex } from '../../base/address.ts';
import type { StructView } from '../../base/struct-view.ts';
import type { UnicodeLayout } from '../layouts/layout.ts';
import { foreignOffset, type ObjectSource, readStruct } from './foreign-struct.ts';

/** Text of the target, perhaps only its beginning. */
export interface ForeignText {
  readonly value: string;
  /** Code points (bytes for Python 2's `str`) that were left out at the end. */
  readonly omitted: number;
}

/** Bytes of the target, perhaps only the first of them. */
export interface ForeignBytes {
  readonly value: Uint8Array;
  readonly omitted: number;
}

/** One code point takes this many bytes. */
type CodePointBytes = 1 | 2 | 4;

/**
 * Reads Python 3's `str`, or Python 2's `unicode`, whichever the target has.
 * @throws {MalformedInputError} for a string that is not one, or is not made yet (`ready` = 0, to 3.11)
 */
export function readUnicode(source: ObjectSource, address: Address, maxLength: number): ForeignText {
  const { unicode, unicode2 } = source.layout;
  if (unicode !== undefined) return readPython3String(source, unicode, address, maxLength);
  if (unicode2 !== undefined) return readPython2Unicode(source, unicode2, address, maxLength);
  throw new TypeError('a layout needs either unicode or unicode2');
}

function readPython3String(
  source: ObjectSource,
  unicode: UnicodeLayout,
  address: Address,
  maxLength: number,
): ForeignText {
  const { memory } = source;
  // The head of a compact ASCII string is the shortest; nothing behind it may be mapped.
  const head = readStruct(memory, address, unicode.asciiData, 'PyUnicodeObject');
  const length = checkedLength(head, unicode.length);
  const state = head.u32(unicode.state);
  const kind = (state >>> unicode.kindShift) & 7;
  const isCompact = ((state >>> unicode.compactShift) & 1) === 1;
  const isAscii = ((state >>> unicode.asciiShift) & 1) === 1;
  if (kind === 0) throw head.fail(unicode.state, 'the string is not ready: it has only its wchar_t form');
  if (kind !== 1 && kind !== 2 && kind !== 4) throw head.fail(unicode.state, `a kind of ${kind} is none`);
  const data = isCompact
    ? foreignOffset(address, isAscii ? unicode.asciiData : unicode.compactData, 'PyUnicodeObject')
    : readStruct(memory, address, unicode.dataPointer + 8, 'PyUnicodeObject').requiredPointer(
        unicode.dataPointer,
      );
  return readCodePoints(source, { data, width: kind, length }, maxLength);
}

function readPython2Unicode(
  source: ObjectSource,
  unicode2: { readonly length: number; readonly data: number },
  address: Address,
  maxLength: number,
): ForeignText {
  const { memory, python2UnicodeBytes: width = 4 } = source;
  const sizeBytes = Math.max(unicode2.length, unicode2.data) + 8;
  const object = readStruct(memory, address, sizeBytes, 'PyUnicodeObject');
  const length = checkedLength(object, unicode2.length);
  const data = object.requiredPointer(unicode2.data);
  return readCodePoints(source, { data, width, length }, maxLength);
}

interface CodePoints {
  readonly data: Address;
  readonly width: CodePointBytes;
  readonly length: number;
}

function readCodePoints(source: ObjectSource, text: CodePoints, maxLength: number): ForeignText {
  const shown = Math.min(text.length, maxLength);
  const view = readStruct(source.memory, text.data, shown * text.width, 'characters');
  return { value: decodeCodePoints(view, text.width), omitted: text.length - shown };
}

function decodeCodePoints(view: StructView, width: CodePointBytes): string {
  const { bytes } = view;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 1) return buffer.toString('latin1');
  if (width === 2) return buffer.toString('utf16le');
  let text = '';
  for (let offset = 0; offset < view.sizeBytes; offset += 4) {
    const codePoint = view.u32(offset);
    if (codePoint > 0x10ffff) throw view.fail(offset, `${hex(codePoint)} is no code point`);
    text += String.fromCodePoint(codePoint);
  }
  return text;
}

/** Reads `bytes`, and Python 2's `str`. */
export function readBytes(source: ObjectSource, address: Address, maxLength: number): ForeignBytes {
  const { memory, layout } = source;
  const head = readStruct(memory, address, layout.bytes.size + 8, 'PyBytesObject');
  const length = checkedLength(head, layout.bytes.size);
  const shown = Math.min(length, maxLength);
  const data = foreignOffset(address, layout.bytes.data, 'PyBytesObject');
  return { value: readStruct(memory, data, shown, 'bytes').bytes, omitted: length - shown };
}

/** Reads `bytearray`. An empty one has no storage. */
export function readByteArray(source: ObjectSource, address: Address, maxLength: number): ForeignBytes {
  const { memory, layout } = source;
  const sizeBytes = Math.max(layout.byteArray.size, layout.byteArray.start) + 8;
  const object = readStruct(memory, address, sizeBytes, 'PyByteArrayObject');
  const length = checkedLength(object, layout.byteArray.size);
  const shown = Math.min(length, maxLength);
  if (shown === 0) return { value: new Uint8Array(0), omitted: length };
  const start = object.requiredPointer(layout.byteArray.start);
  return { value: readStruct(memory, start, shown, 'bytes').bytes, omitted: length - shown };
}

/** A count of what lies in memory; no target has 2^47 of anything. */
export function checkedLength(struct: StructView, offset: number): number {
  const length = struct.ssize(offset);
  if (length < 0 || length >= 2 ** 47) throw struct.fail(offset, `a length of ${length} is absurd`);
  return length;
}
