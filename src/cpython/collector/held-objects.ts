import { type Address, toAddress } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { readDequeItems } from '../objects/sequences.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import { type HeapWords, NO_WORD } from './heap-words.ts';

/** How the objects of a type keep what they hold. */
interface TypeShape {
  readonly type: TypeFacts;
  readonly kind: 'plain' | 'list' | 'dict' | 'set' | 'deque' | 'generator' | 'weak';
  readonly isManaged: boolean;
}

/** No object has more words of its own, but for tuples, whose length says how many. */
const MOST_WORDS = 10_000_000;
const WORD = 8;

/**
 * Tells which of some objects another object holds, by looking for their addresses in its memory and in the tables that
 * belong to it, as its `tp_traverse` would. Weak references are none.
 */
export class HeldObjects {
  readonly #objects: ObjectReader;
  readonly #words: HeapWords;
  readonly #wanted: ReadonlySet<number>;
  readonly #shapes = new Map<number, TypeShape | undefined>();
  /** Bits of addresses that some wanted one has: turns nearly all words down without asking the Set. */
  readonly #filter = new Uint8Array(1 << FILTER_BITS);

  constructor(objects: ObjectReader, words: HeapWords, wanted: ReadonlySet<number>) {
    this.#objects = objects;
    this.#words = words;
    this.#wanted = wanted;
    for (const address of wanted) this.#filter[filterIndex(address)] = 1;
  }

  /** Those of the wanted objects that an object holds, each once; itself is none of them. */
  in(object: Address, typeAddress: Address): ReadonlySet<number> {
    const shape = this.#shapeOf(typeAddress);
    if (shape === undefined || shape.kind === 'weak') return NOTHING;
    const found = new Set<number>();
    this.#scanOwn(object, shape, found);
    if (shape.isManaged) this.#scanManaged(object, shape.type, found);
    this.#scanTables(object, shape, found);
    return found;
  }

  #shapeOf(address: number): TypeShape | undefined {
    if (this.#shapes.has(address)) return this.#shapes.get(address);
    const shape = this.#readShape(address);
    this.#shapes.set(address, shape);
    return shape;
  }

  #readShape(address: number): TypeShape | undefined {
    try {
      const type = this.#objects.typeFacts(toAddress(address));
      const rule = this.#objects.layout.rules.attributes;
      const isManaged = rule.kind !== 'dictoffset' && hasFlag(type.flags, 2 ** rule.managedDictFlag);
      return { type, kind: kindOf(type), isManaged };
    } catch (error) {
      if (isAboutMemory(error)) return undefined;
      throw error;
    }
  }

  /** The members of the struct, `__slots__` and the items of a tuple among them. */
  #scanOwn(object: number, { type, kind }: TypeShape, found: Set<number>): void {
    const { object: head } = this.#objects.layout;
    const items = type.itemSize === WORD && kind === 'plain' ? this.#count(object + head.varSize) : 0;
    const words = Math.ceil(type.basicSize / WORD) + items;
    this.#scan(object + head.sizeBytes, words - head.sizeBytes / WORD, found);
  }

  /** What an instance without a dict of its own keeps in front of itself or behind. */
  #scanManaged(object: number, type: TypeFacts, found: Set<number>): void {
    const { attributes: rule, splitValues } = this.#objects.layout.rules;
    if (rule.kind === 'dictoffset') return;
    this.#scan(object + rule.managedDict, 1, found);
    const count = this.#sharedCount(type);
    const place = this.#valuesOf(object, type);
    if (place > 0) this.#scan(place + splitValues.values, count, found);
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
        return hasInline ? object + type.basicSize : NO_WORD;
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

  #scanTables(object: number, { kind }: TypeShape, found: Set<number>): void {
    const { layout } = this.#objects;
    switch (kind) {
      case 'list':
        this.#scanTable(object + layout.list.items, this.#count(object + layout.list.size), found);
        break;
      case 'set': {
        const slots = this.#count(object + layout.set.mask) + 1;
        this.#scanTable(object + layout.set.table, (slots * layout.set.entrySize) / WORD, found);
        break;
      }
      case 'dict':
        this.#scanDict(object, found);
        break;
      case 'deque':
        this.#scanDeque(toAddress(object), found);
        break;
      case 'generator':
        this.#scanGenerator(object, found);
        break;
      default:
        break;
    }
  }

  #scanTable(pointer: number, words: number, found: Set<number>): void {
    const table = this.#words.word(pointer);
    if (table > 0) this.#scan(table, words, found);
  }

  #scanDict(object: number, found: Set<number>): void {
    const { dict, dictKeys, rules } = this.#objects.layout;
    if (dict.table !== undefined && dict.mask !== undefined) {
      this.#scanTable(object + dict.table, (this.#count(object + dict.mask) + 1) * 3, found);
      return;
    }
    if (dict.keys === undefined || dict.values === undefined || dictKeys === undefined) return;
    const keys = this.#words.word(object + dict.keys);
    if (keys <= 0) return;
    const count = this.#count(keys + dictKeys.entryCount);
    const values = this.#words.word(object + dict.values);
    if (values > 0) this.#scan(values + rules.splitValues.values, count, found);
    // The indices before the entries are no pointers, and too small to look like any.
    else this.#scan(keys + dictKeys.indices, this.#indexWords(keys) + count * 3, found);
  }

  #indexWords(keys: number): number {
    const { dictKeys } = this.#objects.layout;
    if (dictKeys === undefined) return 0;
    if (dictKeys.log2IndexBytes !== undefined) {
      const log2 =
        (this.#words.half(keys + dictKeys.log2IndexBytes) >>> ((dictKeys.log2IndexBytes % 4) * 8)) & 0xff;
      return log2 > 40 ? 0 : Math.ceil(2 ** log2 / WORD);
    }
    const capacity = this.#count(keys + dictKeys.size);
    const bytes = capacity <= 0xff ? 1 : capacity <= 0xffff ? 2 : 4;
    return Math.ceil((capacity * bytes) / WORD);
  }

  #scanDeque(object: Address, found: Set<number>): void {
    const { layout, memory } = this.#objects;
    if (layout.deque === undefined) return;
    try {
      const { items } = readDequeItems({ memory, layout, deque: layout.deque }, object, MOST_WORDS);
      for (const item of items) if (item !== undefined && this.#wanted.has(item)) found.add(item);
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
    }
  }

  /** From 3.11 on its frame is part of it; the pointers there may have marks in their low bits. */
  #scanGenerator(object: number, found: Set<number>): void {
    const { generator, frame, code } = this.#objects.layout;
    if (generator.inlineFrame === undefined) return;
    const start = object + generator.inlineFrame;
    const executable = this.#words.pointer(start + frame.code);
    if (executable <= 0) return;
    const stack = this.#words.half(executable + code.stackSize);
    const locals = this.#localsOf(executable);
    for (let at = 0; at < Math.min(locals + stack, MOST_LOCALS); at += 1)
      this.#note(this.#words.pointer(start + frame.locals + at * WORD), found);
  }

  #localsOf(code: number): number {
    const { localsPlusNames } = this.#objects.layout.code;
    const names = localsPlusNames === undefined ? NO_WORD : this.#words.word(code + localsPlusNames);
    return names <= 0 ? 0 : this.#count(names + this.#objects.layout.tuple.size);
  }

  /** A length; 0 for what cannot be one. */
  #count(address: number): number {
    const count = this.#words.word(address);
    return count > 0 && count < MOST_WORDS ? count : 0;
  }

  #scan(start: number, words: number, found: Set<number>): void {
    for (let at = 0; at < words; at += 1) this.#note(this.#words.word(start + at * WORD), found);
  }

  #note(word: number, found: Set<number>): void {
    if (this.#filter[filterIndex(word)] !== 0 && this.#wanted.has(word)) found.add(word);
  }
}

/** No frame has more variables and values. */
const MOST_LOCALS = 10_000;
const FILTER_BITS = 16;
const NOTHING: ReadonlySet<number> = new Set();

function filterIndex(address: number): number {
  return (address >>> 4) & ((1 << FILTER_BITS) - 1);
}

const GENERATORS = ['generator', 'coroutine', 'async_generator'];

function kindOf({ flags, builtInTypes }: TypeFacts): TypeShape['kind'] {
  if (hasFlag(flags, TYPE_FLAGS.listSubclass)) return 'list';
  if (hasFlag(flags, TYPE_FLAGS.dictSubclass)) return 'dict';
  if (builtInTypes.some((name) => name === 'set' || name === 'frozenset')) return 'set';
  if (builtInTypes.includes('collections.deque')) return 'deque';
  if (builtInTypes.some((name) => GENERATORS.includes(name))) return 'generator';
  return builtInTypes.some((name) => /^weak/u.test(name)) ? 'weak' : 'plain';
}
