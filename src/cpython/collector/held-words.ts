import { INLINE_VALUES_VALID } from '../objects/attributes.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import { dictEntryBytes } from './dict-entry-bytes.ts';
import { type HeapWords, NO_WORD, type NoteWord } from './heap-words.ts';
import { HeldFrames } from './held-frames.ts';
import { holdingStretches, type Stretch } from './held-gaps.ts';
import { type HoldingKind, holdingKindOf } from './holding-kind.ts';

/** How the objects of a type keep what they hold. */
export interface HoldingShape {
  readonly type: TypeFacts;
  readonly kind: HoldingKind;
  readonly isManaged: boolean;
  /** Its objects are classes, of which those that were made in C have no more than a PyTypeObject. */
  readonly isMetatype: boolean;
  /** The parts of the struct with references. */
  readonly stretches: readonly Stretch[];
}

/** No object has more words of its own, but for tuples, whose length says how many. */
const MOST_WORDS = 2 ** 27;
const WORD = 8;

/**
 * Reads the words of an object that may point to what it holds, in its memory and in the tables that belong to it, as its
 * `tp_traverse` would. What an object only points to, or has held before, is none of it.
 */
export class HeldWords {
  readonly #objects: ObjectReader;
  readonly #words: HeapWords;
  readonly #frames: HeldFrames;

  constructor(objects: ObjectReader, words: HeapWords) {
    this.#objects = objects;
    this.#words = words;
    this.#frames = new HeldFrames(objects.layout, words);
  }

  /** How the objects of a type keep what they hold. */
  shapeOf(type: TypeFacts): HoldingShape {
    const { layout } = this.#objects;
    const rule = layout.rules.attributes;
    const kind = holdingKindOf(type);
    const isManaged = rule.kind !== 'dictoffset' && hasFlag(type.flags, 2 ** rule.managedDictFlag);
    const isMetatype = hasFlag(type.flags, TYPE_FLAGS.typeSubclass);
    return { type, kind, isManaged, isMetatype, stretches: holdingStretches(layout, type, kind) };
  }

  /** Tells of each such word of an object, one as often as it is there. */
  visit(object: number, shape: HoldingShape, note: NoteWord): void {
    this.#scanOwn(object, shape, note);
    if (shape.isManaged) this.#scanManaged(object, shape.type, note);
    this.#scanTables(object, shape, note);
  }

  /** The members of the struct, `__slots__` and the items of a tuple among them. */
  #scanOwn(
    object: number,
    { type, kind, isManaged, isMetatype, stretches }: HoldingShape,
    note: NoteWord,
  ): void {
    const end = isMetatype ? this.#classBytes(object, type) : type.basicSize;
    for (const { from, to } of stretches)
      this.#words.visit(object + from, Math.ceil((Math.min(to, end) - from) / WORD), note);
    if (type.itemSize === WORD && kind === 'plain') {
      const items = object + Math.ceil(type.basicSize / WORD) * WORD;
      this.#words.visit(items, this.#count(object + this.#objects.layout.object.varSize), note);
    }
    if (type.dictOffset < 0 && !isManaged) this.#words.visit(this.#dictBehind(object, type), 1, note);
  }

  /** Behind a class that was made in C there is no more of it, but something else. */
  #classBytes(object: number, { basicSize }: TypeFacts): number {
    const { type } = this.#objects.layout;
    return hasFlag(this.#words.half(object + type.flags), TYPE_FLAGS.heapType) ? basicSize : type.sizeBytes;
  }

  /** Objects of a variable length have the pointer to their dict behind their items: `_PyObject_GetDictPtr`. */
  #dictBehind(object: number, { basicSize, itemSize, dictOffset, flags }: TypeFacts): number {
    const { object: head, rules } = this.#objects.layout;
    const size = this.#words.signed(object + head.varSize);
    const isTaggedInt = rules.longEncoding === 'lv_tag' && hasFlag(flags, TYPE_FLAGS.longSubclass);
    const items = isTaggedInt ? Math.floor(size / 8) : Math.abs(size);
    return object + Math.ceil((basicSize + items * itemSize) / WORD) * WORD + dictOffset;
  }

  /** What an instance without a dict of its own keeps in front of itself or behind. */
  #scanManaged(object: number, type: TypeFacts, note: NoteWord): void {
    const { attributes: rule, splitValues } = this.#objects.layout.rules;
    if (rule.kind === 'dictoffset') return;
    this.#words.visit(object + rule.managedDict, 1, note);
    const count = this.#sharedCount(type);
    const place = this.#valuesOf(object, type);
    if (place > 0) this.#words.visit(place + splitValues.values, count, note);
  }

  #valuesOf(object: number, type: TypeFacts): number {
    const { attributes: rule } = this.#objects.layout.rules;
    switch (rule.kind) {
      case 'dictoffset':
        return NO_WORD;
      case 'values-and-dict-before':
        return rule.values === undefined ? NO_WORD : this.#words.word(object + rule.values);
      case 'tagged-before': {
        const word = this.#words.word(object + rule.managedDict);
        return word % 2 === 1 ? word + 1 : NO_WORD;
      }
      case 'inline-after': {
        const hasInline =
          rule.inlineValuesFlag !== undefined && hasFlag(type.flags, 2 ** rule.inlineValuesFlag);
        const values = object + type.basicSize;
        // Once it has a dict they are that's, or left over.
        const hasDict = this.#words.word(object + rule.managedDict) > 0;
        return hasInline && !hasDict && this.#words.byte(values + INLINE_VALUES_VALID) === 1
          ? values
          : NO_WORD;
      }
      default:
        return rule satisfies never;
    }
  }

  #sharedCount(type: TypeFacts): number {
    const { layout } = this.#objects;
    const { htCachedKeys } = layout.type;
    const keys = htCachedKeys === undefined ? NO_WORD : this.#words.word(type.address + htCachedKeys);
    return keys <= 0 || layout.dictKeys === undefined ? 0 : this.#count(keys + layout.dictKeys.entryCount);
  }

  #scanTables(object: number, { kind }: HoldingShape, note: NoteWord): void {
    const { layout } = this.#objects;
    switch (kind) {
      case 'list':
        this.#scanTable(object + layout.list.items, this.#count(object + layout.list.size), note);
        break;
      case 'set': {
        const slots = this.#count(object + layout.set.mask) + 1;
        this.#scanTable(object + layout.set.table, (slots * layout.set.entrySize) / WORD, note);
        break;
      }
      case 'dict':
        this.#scanDict(object, note);
        break;
      case 'deque':
        this.#scanDeque(object, note);
        break;
      case 'generator':
        this.#frames.visitGenerator(object, note);
        break;
      case 'frame':
        this.#frames.visitFrameObject(object, note);
        break;
      default:
        break;
    }
  }

  #scanTable(pointer: number, words: number, note: NoteWord): void {
    const table = this.#words.word(pointer);
    if (table > 0) this.#words.visit(table, words, note);
  }

  #scanDict(object: number, note: NoteWord): void {
    const { dict, dictKeys, rules } = this.#objects.layout;
    if (dict.table !== undefined && dict.mask !== undefined) {
      this.#scanTable(object + dict.table, (this.#count(object + dict.mask) + 1) * 3, note);
      return;
    }
    if (dict.keys === undefined || dict.values === undefined || dictKeys === undefined) return;
    const keys = this.#words.word(object + dict.keys);
    if (keys <= 0) return;
    const count = this.#count(keys + dictKeys.entryCount);
    const values = this.#words.word(object + dict.values);
    if (values > 0) this.#words.visit(values + rules.splitValues.values, count, note);
    // The indices before the entries are no pointers, and too small to look like any.
    else {
      const entryWords = dictEntryBytes(this.#words, this.#objects.layout, keys) / WORD;
      this.#words.visit(keys + dictKeys.indices, this.#indexWords(keys) + count * entryWords, note);
    }
  }

  #indexWords(keys: number): number {
    const { dictKeys } = this.#objects.layout;
    if (dictKeys === undefined) return 0;
    if (dictKeys.log2IndexBytes !== undefined) {
      const log2 = this.#words.byte(keys + dictKeys.log2IndexBytes);
      return log2 > 40 ? 0 : Math.ceil(2 ** log2 / WORD);
    }
    const capacity = this.#count(keys + dictKeys.size);
    const bytes = capacity <= 0xff ? 1 : capacity <= 0xffff ? 2 : 4;
    return Math.ceil((capacity * bytes) / WORD);
  }

  /** A chain of blocks, the first of them used from `leftindex` on; the links at its ends are not set. */
  #scanDeque(object: number, note: NoteWord): void {
    const { deque, object: head } = this.#objects.layout;
    if (deque === undefined) return;
    let left = this.#count(object + head.varSize);
    let index = this.#count(object + deque.leftIndex);
    let block = this.#words.word(object + deque.leftBlock);
    const places = deque.blockSizeBytes / WORD - DEQUE_LINKS;
    while (left > 0 && block > 0 && index < places) {
      const used = Math.min(left, places - index);
      this.#words.visit(block + deque.blockData + index * WORD, used, note);
      left -= used;
      index = 0;
      block = this.#words.word(block + deque.blockNext);
    }
  }

  /** A length; 0 for what cannot be one. */
  #count(address: number): number {
    const count = this.#words.word(address);
    return count > 0 && count < MOST_WORDS ? count : 0;
  }
}

/** A block of a deque is its items and two links. */
const DEQUE_LINKS = 2;
