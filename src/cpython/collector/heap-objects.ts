import { type AddressRange, toAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { HeapWords, NoteWord } from './heap-words.ts';
import { HeldWords, type HoldingShape } from './held-words.ts';
import { isTracked, ObjectSizes, type SizedType } from './object-sizes.ts';
import { Regions } from './regions.ts';

/** Where objects are looked for. */
export interface HeapSource {
  readonly objects: ObjectReader;
  readonly words: HeapWords;
  /** The memory in which objects can lie: what the process can write to. */
  readonly writable: readonly AddressRange[];
}

/** What is known of the objects of a type. */
export interface HeapKind extends SizedType {
  /** Its place among the kinds that were met. */
  readonly index: number;
  /** How they keep what they hold; `undefined` for those that hold nothing. */
  readonly shape: HoldingShape | undefined;
}

/** Tells objects from other words of a heap, and what they are, hold and take. */
export class HeapObjects {
  readonly #objects: ObjectReader;
  readonly #words: HeapWords;
  readonly #held: HeldWords;
  readonly #sizes: ObjectSizes;
  readonly #regions: Regions;
  readonly #mostBytes: number;
  readonly #mostReferences: number;
  readonly #kinds = new Map<number, HeapKind | undefined>();
  /** Those that are found without asking the Map, each at the place that the address of its type says. */
  readonly #recentTypes = new Float64Array(RECENT_COUNT);
  readonly #recent = new Array<HeapKind | undefined>(RECENT_COUNT);
  /** Whether the objects of a type are types. */
  readonly #metatypes = new Map<number, boolean>();
  readonly #met: HeapKind[] = [];

  constructor({ objects, words, writable }: HeapSource) {
    this.#objects = objects;
    this.#words = words;
    this.#held = new HeldWords(objects, words);
    this.#sizes = new ObjectSizes(objects, words);
    this.#regions = new Regions(writable);
    this.#mostBytes = this.#regions.sizeBytes;
    const hasLowMemory = writable.some(({ address }) => address < 2 ** 32);
    this.#mostReferences = hasLowMemory ? LOWEST_PROGRAM : 2 ** 32;
  }

  /** The kinds of all types that were met, each at its index. */
  get kinds(): readonly HeapKind[] {
    return this.#met;
  }

  /** Whether an object can begin at a word; asked before all else, as most words are none. */
  canBegin(word: number): boolean {
    return (word & (OBJECT_ALIGNMENT - 1)) === 0 && this.#regions.has(word);
  }

  /** The kind of the object that begins there; `undefined` when none does that lives. */
  kindAt(word: number): HeapKind | undefined {
    const typeAt = word + this.#objects.layout.object.type;
    return this.#isCounted(typeAt - REFERENCE_COUNT_BYTES)
      ? this.kindOf(this.#words.word(typeAt))
      : undefined;
  }

  /** The kind of the objects of a type. */
  kindOf(type: number): HeapKind | undefined {
    const place = (type >>> 4) & (RECENT_COUNT - 1);
    if (this.#recentTypes[place] === type) return this.#recent[place];
    const kind = this.#kinds.get(type) ?? this.#newKind(type);
    if (kind === undefined) return undefined;
    this.#recentTypes[place] = type;
    this.#recent[place] = kind;
    return kind;
  }

  /** The kind of an object that is known to be one. */
  knownKindAt(object: number): HeapKind | undefined {
    return this.kindOf(this.#words.word(object + this.#objects.layout.object.type));
  }

  /** Tells of each word of an object that may lead to what it holds. */
  visitHeld(object: number, { shape }: HeapKind, note: NoteWord): void {
    if (shape !== undefined) this.#held.visit(object, shape, note);
  }

  /** What an object takes, as `sys.getsizeof` counts; `NaN` when what it says of itself makes no sense. */
  measure(object: number, kind: HeapKind): number {
    const measured = this.#sizes.of(object, kind);
    return measured >= 0 && measured <= this.#mostBytes ? measured : Number.NaN;
  }

  /**
   * Whether this can be the count of references of an object that lives: not 0, below 2^32, from 3.14 on with flags in its
   * upper 16 bits. What was freed, and what is no object, mostly has a pointer there, or 0.
   */
  #isCounted(address: number): boolean {
    const count = this.#words.half(address);
    const isPossible = count !== 0 && (count < this.#mostReferences || isEternal(count));
    return isPossible && (this.#words.half(address + 4) & 0xffff) === 0;
  }

  #newKind(type: number): HeapKind | undefined {
    if (!this.#regions.has(type) || !this.#isType(type) || this.#kinds.has(type)) return undefined;
    const kind = this.#readKind(type);
    this.#kinds.set(type, kind);
    if (kind !== undefined) this.#met.push(kind);
    return kind;
  }

  /** Cheap, as it is asked of many a word that leads to no object. */
  #isType(address: number): boolean {
    const { layout } = this.#objects;
    const metatype = this.#words.word(address + layout.object.type);
    const known = this.#metatypes.get(metatype);
    if (known !== undefined) return known;
    if (!this.#regions.has(metatype)) return false;
    const flags = this.#words.half(metatype + layout.type.flags);
    const isMetatype =
      hasFlag(flags, TYPE_FLAGS.typeSubclass) &&
      this.#regions.has(this.#words.word(metatype + layout.object.type));
    this.#metatypes.set(metatype, isMetatype);
    return isMetatype;
  }

  #readKind(address: number): HeapKind | undefined {
    return readIfSound(() => {
      const type = this.#objects.typeFacts(toAddress(address));
      if (type.basicSize < 0 || type.basicSize > MOST_STRUCT_BYTES) return undefined;
      const holds = isTracked(type) || type.name === 'code';
      const shape = holds ? this.#held.shapeOf(type) : undefined;
      return { ...this.#sizes.sizedType(type), shape, index: this.#met.length };
    });
  }
}

/** No type has larger structs: what says so is none. */
const MOST_STRUCT_BYTES = 2 ** 24;
const OBJECT_ALIGNMENT = 8;
/** A power of 2. */
const RECENT_COUNT = 1024;
/** Where a program begins that is not position-independent: what is above may be a pointer into it. */
const LOWEST_PROGRAM = 2 ** 22;
/** `ob_refcnt` lies just before `ob_type`. */
const REFERENCE_COUNT_BYTES = 8;

/** The counts of what is never freed: `_PyObject_IMMORTAL_REFCNT` of 3.11, 999999999 at first, and those of 3.12 and later. */
function isEternal(count: number): boolean {
  return count >= 2 ** 31 || (count > 999_000_000 && count < 1_001_000_000);
}
