import type { Layout } from '../layouts/layout.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import { dictEntryBytes, ENTRY_BYTES } from './dict-entry-bytes.ts';
import type { HeapWords } from './heap-words.ts';

/** What the size of an object is read with. */
export interface SizeSource {
  readonly words: HeapWords;
  readonly layout: Layout;
  /** `sizeof(Py_UNICODE)` of a Python 2. */
  readonly python2UnicodeBytes: 2 | 4;
}

/** What the `__sizeof__` of a type answers for one of its objects, without what lies in front of that. */
export type SizeRule = (source: SizeSource, object: number, type: TypeFacts) => number;

const WORD = 8;

/** `object.__sizeof__`: the struct, and its items where it has a count of them. */
export const structSize: SizeRule = ({ words, layout }, object, { basicSize, itemSize }) =>
  itemSize === 0 ? basicSize : basicSize + itemSize * Math.abs(words.signed(object + layout.object.varSize));

/** Those of CPython's own types that have a `__sizeof__` of their own, by `tp_name`; the type of an object or an ancestor. */
export const SIZE_RULES: ReadonlyMap<string, SizeRule> = new Map<string, SizeRule>([
  ['str', stringSize],
  [
    'unicode',
    ({ words, layout: { unicode2 }, python2UnicodeBytes }, object) =>
      unicode2 === undefined
        ? 0
        : unicode2.sizeBytes + python2UnicodeBytes * (count(words, object + unicode2.length) + 1),
  ],
  [
    'int',
    (source, object, type) =>
      (source.layout.int2 === undefined ? integerSize : structSize)(source, object, type),
  ],
  ['long', integerSize],
  ['bytearray', byteArraySize],
  [
    'list',
    ({ words, layout }, object, { basicSize }) =>
      basicSize + WORD * count(words, object + layout.list.allocated),
  ],
  ['dict', dictSize],
  ['frozendict', dictSize],
  ['collections.OrderedDict', orderedDictSize],
  ['set', setSize],
  ['frozenset', setSize],
  ['collections.deque', dequeSize],
  ['array.array', arraySize],
  ['type', typeSize],
  ['code', codeSize],
  ['frame', frameSize],
  ['generator', generatorSize],
  ['coroutine', generatorSize],
  ['async_generator', generatorSize],
]);

/** A count or a size; 0 for what cannot be one, as in memory that changes. */
function count(words: HeapWords, address: number): number {
  return Math.max(0, words.word(address));
}

function integerSize({ words, layout }: SizeSource, object: number): number {
  const { long, rules } = layout;
  const word = words.signed(object + long.sizeAndSign);
  const digits = rules.longEncoding === 'lv_tag' ? Math.floor(word / 8) : Math.abs(word);
  return long.digits + (rules.longDigitBits === 30 ? 4 : 2) * Math.max(digits, rules.sizes.leastDigits);
}

/** Python 2's `str` is what became `bytes`: `string_sizeof`. */
function stringSize(source: SizeSource, object: number): number {
  const { words, layout } = source;
  if (layout.unicode !== undefined) return textSize(source, object);
  return layout.bytes.data + 1 + count(words, object + layout.bytes.size);
}

function byteArraySize({ words, layout }: SizeSource, object: number, { basicSize }: TypeFacts): number {
  const allocated = count(words, object + layout.byteArray.allocated);
  return basicSize + allocated + (allocated > 0 ? layout.rules.sizes.byteArrayHeadBytes : 0);
}

/** `unicode_sizeof`: the characters, and the other forms of them that somebody has asked for. */
function textSize({ words, layout: { unicode } }: SizeSource, object: number): number {
  if (unicode === undefined) return 0;
  const state = words.half(object + unicode.state);
  const characters = (count(words, object + unicode.length) + 1) * ((state >>> unicode.kindShift) & 7);
  const isCompact = ((state >>> unicode.compactShift) & 1) === 1;
  const isAscii = ((state >>> unicode.asciiShift) & 1) === 1;
  if (isCompact && isAscii)
    return unicode.asciiData + characters + wideSize(words, object, unicode.wide, unicode.length);
  const data = isCompact ? object + unicode.compactData : words.word(object + unicode.dataPointer);
  const head = isCompact ? unicode.compactData : unicode.sizeBytes;
  const utf8 = words.word(object + unicode.utf8);
  const utf8Bytes = utf8 > 0 && utf8 !== data ? count(words, object + unicode.utf8Length) + 1 : 0;
  const isWide = unicode.wide !== undefined && words.word(object + unicode.wide) === data;
  const wide = isWide ? 0 : wideSize(words, object, unicode.wide, unicode.wideLength);
  return head + (data > 0 ? characters : 0) + utf8Bytes + wide;
}

/** `sizeof(wchar_t)`. */
const WIDE_BYTES = 4;

/** The characters of a str once more as wchar_t, to 3.11. */
function wideSize(
  words: HeapWords,
  object: number,
  wide: number | undefined,
  wideLength: number | undefined,
): number {
  if (wide === undefined || wideLength === undefined || words.word(object + wide) <= 0) return 0;
  return (count(words, object + wideLength) + 1) * WIDE_BYTES;
}

function setSize({ words, layout: { set } }: SizeSource, object: number, { basicSize }: TypeFacts): number {
  const isSmall = words.word(object + set.table) === object + set.smallTable;
  return basicSize + (isSmall ? 0 : (count(words, object + set.mask) + 1) * set.entrySize);
}

/** `_PyDict_SizeOf`: shared keys are counted with the class that has them. */
function dictSize({ words, layout }: SizeSource, object: number, { basicSize }: TypeFacts): number {
  const { dict } = layout;
  if (dict.mask !== undefined && dict.table !== undefined && dict.smallTable !== undefined) {
    const isSmall = words.word(object + dict.table) === object + dict.smallTable;
    return basicSize + (isSmall ? 0 : (count(words, object + dict.mask) + 1) * ENTRY_BYTES);
  }
  const { dictKeys } = layout;
  if (dict.keys === undefined || dict.values === undefined || dictKeys === undefined) return basicSize;
  const keys = words.word(object + dict.keys);
  if (keys <= 0) return basicSize;
  const values = words.word(object + dict.values) > 0 ? valuesSize(words, layout, keys) : 0;
  const isOwn = words.word(keys + dictKeys.referenceCount) === 1;
  return basicSize + values + (isOwn ? keysSize(words, layout, keys) : 0);
}

function valuesSize(words: HeapWords, layout: Layout, keys: number): number {
  const { dictKeys } = layout;
  if (dictKeys === undefined) return 0;
  if (dictKeys.kind === undefined) return usableFraction(count(words, keys + dictKeys.size)) * WORD;
  return (count(words, keys + dictKeys.entryCount) + count(words, keys + dictKeys.usable)) * WORD;
}

/** `_PyDict_KeysSize`: the head, the indices and the entries. */
function keysSize(words: HeapWords, layout: Layout, keys: number): number {
  const { dictKeys } = layout;
  if (dictKeys === undefined) return 0;
  if (dictKeys.log2IndexBytes === undefined || dictKeys.kind === undefined) {
    const places = count(words, keys + dictKeys.size);
    const indexBytes = places <= 0xff ? 1 : places <= 0xffff ? 2 : places <= 0xffff_ffff ? 4 : 8;
    return dictKeys.indices + places * indexBytes + usableFraction(places) * ENTRY_BYTES;
  }
  const places = 2 ** words.byte(keys + dictKeys.size);
  const indexBytes = 2 ** words.byte(keys + dictKeys.log2IndexBytes);
  return dictKeys.indices + indexBytes + usableFraction(places) * dictEntryBytes(words, layout, keys);
}

/** `USABLE_FRACTION`, cpython/Objects/dictobject.c, 3.6 to 3.15. */
function usableFraction(places: number): number {
  return Math.floor((places * 2) / 3);
}

/** `odict_sizeof`: the dict, the index of its nodes, and a node for each key. */
function orderedDictSize(source: SizeSource, object: number, type: TypeFacts): number {
  const { words, layout } = source;
  const { orderedDict } = layout;
  const size = dictSize(source, object, type);
  if (orderedDict === undefined) return size;
  const index = WORD * count(words, object + orderedDict.fastNodeCount);
  return size + index + orderedDict.nodeBytes * count(words, object + layout.dict.used);
}

/** A block is its items and two links. */
function dequeSize({ words, layout }: SizeSource, object: number, { basicSize }: TypeFacts): number {
  const { deque } = layout;
  if (deque === undefined) return basicSize;
  const places = deque.blockSizeBytes / WORD - 2;
  const used = count(words, object + deque.leftIndex) + count(words, object + layout.object.varSize);
  return basicSize + Math.ceil(used / places) * deque.blockSizeBytes;
}

/**
 * `arrayobject`, from `ob_size` on, and `itemsize` in its `struct arraydescr`; the same in 2.7 to 3.15
 * (cpython/Modules/arraymodule.c).
 */
const ARRAY = { allocated: 16, description: 24, itemSize: 4 };

function arraySize({ words, layout }: SizeSource, object: number, { basicSize }: TypeFacts): number {
  const start = object + layout.object.varSize;
  const description = words.word(start + ARRAY.description);
  const itemBytes = description > 0 ? words.half(description + ARRAY.itemSize) : 0;
  return basicSize + count(words, start + ARRAY.allocated) * itemBytes;
}

/** `type___sizeof___impl`, 3.3+: of a class also the keys that its instances share. */
function typeSize(source: SizeSource, object: number, type: TypeFacts): number {
  const { words, layout } = source;
  const { htCachedKeys, heapSizeBytes, sizeBytes } = layout.type;
  if (htCachedKeys === undefined) return structSize(source, object, type);
  if (!isHeapType(source, object)) return sizeBytes;
  const keys = words.word(object + htCachedKeys);
  return heapSizeBytes + (keys > 0 ? keysSize(words, layout, keys) : 0);
}

/** Whether a class was made at run time; others are static, and the collector never has them. */
export function isHeapType({ words, layout }: SizeSource, type: number): boolean {
  return hasFlag(words.half(type + layout.type.flags), TYPE_FLAGS.heapType);
}

/** `sizeof(_PyOpcache)`, cpython/Include/internal/pycore_code.h, 3.8 to 3.10. */
const OPCODE_CACHE_BYTES = 32;
/** `_Py_CODEUNIT`. */
const INSTRUCTION_BYTES = 2;

function codeSize(source: SizeSource, object: number, type: TypeFacts): number {
  const { words, layout } = source;
  const { extra, cellMap, cellVars, opcodeCacheMap, opcodeCacheSize, instructions } = layout.code;
  const pointer = (at: number | undefined) => (at === undefined ? 0 : Math.max(0, words.word(object + at)));
  const extras = pointer(extra);
  const struct = structSize(source, object, type);
  // From 3.11 on the instructions are the items of the object; before it has none.
  let size = Math.ceil(struct / WORD) * WORD;
  // `_PyCodeObjectExtra` is a count and so many pointers.
  if (extras > 0) size += WORD + count(words, extras) * WORD;
  if (pointer(cellMap) > 0 && cellVars !== undefined) size += tupleLength(source, pointer(cellVars)) * WORD;
  if (pointer(opcodeCacheMap) > 0 && opcodeCacheSize !== undefined) {
    const codeBytes = count(words, pointer(instructions) + layout.bytes.size);
    size += codeBytes / INSTRUCTION_BYTES + words.byte(object + opcodeCacheSize) * OPCODE_CACHE_BYTES;
  }
  return size;
}

function tupleLength({ words, layout }: SizeSource, tuple: number): number {
  return tuple > 0 ? count(words, tuple + layout.tuple.size) : 0;
}

/** The variables of a call and the values that it works with. */
function frameSlots(source: SizeSource, code: number): number {
  const { words, layout } = source;
  if (code <= 0) return 0;
  const { localCount, stackSize, cellVars, freeVars } = layout.code;
  const slots = words.half(code + localCount) + words.half(code + stackSize);
  if (cellVars === undefined || freeVars === undefined) return slots;
  const captured = [cellVars, freeVars].map((at) => tupleLength(source, words.word(code + at)));
  return slots + captured.reduce((sum, length) => sum + length, 0);
}

/** `frame_sizeof`. */
function frameSize(source: SizeSource, object: number): number {
  const { words, layout } = source;
  const { frameObject, frame } = layout;
  if (frameObject === undefined)
    return frame.locals + frameSlots(source, words.word(object + frame.code)) * WORD;
  const inner = words.word(object + frameObject.frame);
  const code = inner > 0 ? words.pointer(inner + frame.code) : 0;
  return frameObject.data + frame.locals + frameSlots(source, code) * WORD;
}

/** From 3.11 on its frame is part of it. */
function generatorSize(source: SizeSource, object: number, type: TypeFacts): number {
  const { words, layout } = source;
  const { inlineFrame } = layout.generator;
  if (inlineFrame === undefined) return type.basicSize;
  const code = words.pointer(object + inlineFrame + layout.frame.code);
  return inlineFrame + layout.frame.locals + frameSlots(source, code) * WORD;
}
