import { type Address, type AddressRange, toAddress } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import { HeapMarks } from './heap-marks.ts';
import type { HeapWords } from './heap-words.ts';
import { HeldWords, type HoldingShape } from './held-words.ts';
import { isTracked, ObjectSizes, type SizedType } from './object-sizes.ts';
import { Regions } from './regions.ts';
import { walkTracked } from './tracked-objects.ts';

/** Where objects are counted. */
export interface CensusSource {
  readonly objects: ObjectReader;
  readonly words: HeapWords;
  /** The lists of the collector. */
  readonly heads: readonly Address[];
  /** Objects that are counted too, with what they hold, though no list may have them: the variables of frames that run. */
  readonly roots: readonly Address[];
  /** The memory in which objects can lie: what the process can write to. */
  readonly writable: readonly AddressRange[];
  /** Whether memory changes while it is read. */
  readonly isMoving: boolean;
}

/** The objects of one type. */
export interface CountedType {
  readonly type: TypeFacts;
  readonly count: number;
  readonly sizeBytes: number;
  readonly isStructOnly: boolean;
}

/** Told of each object once. */
export type VisitObject = (object: number, type: TypeFacts, sizeBytes: number) => void;

/** The objects of a process. */
export interface Census {
  readonly types: readonly CountedType[];
  /** How many of them the collector tracks. */
  readonly trackedCount: number;
  /** How many lists could not be followed to their ends. */
  readonly brokenCount: number;
  /** Objects whose size made no sense, so that they are counted without what they keep elsewhere. */
  readonly tornCount: number;
}

/**
 * Counts the objects that the collector tracks, and all that these hold directly or by objects that it does not track:
 * strings, numbers, code and what that holds. Each counts once.
 */
export function countObjects(source: CensusSource, visit?: VisitObject): Census {
  const counter = new ObjectCounter(source, visit);
  const { words, objects, heads, isMoving } = source;
  const lists = { words, layout: objects.layout, flags: objects.flags, isMoving };
  const walk = walkTracked(lists, heads, (object, type) => counter.addTracked(object, type));
  for (const root of source.roots) counter.addHeld(root);
  const types = counter.types.filter(({ count }) => count > 0);
  return { types, trackedCount: walk.count, brokenCount: walk.brokenCount, tornCount: counter.tornCount };
}

/** What is known of a type, and counted of it. */
interface Kind extends SizedType {
  readonly shape: HoldingShape | undefined;
  count: number;
  sizeBytes: number;
}

class ObjectCounter {
  readonly #objects: ObjectReader;
  readonly #words: HeapWords;
  readonly #held: HeldWords;
  readonly #sizes: ObjectSizes;
  readonly #regions: Regions;
  readonly #mostBytes: number;
  readonly #mostReferences: number;
  readonly #visit: VisitObject | undefined;
  readonly #marks = new HeapMarks();
  readonly #kinds = new Map<number, Kind | undefined>();
  /** Those that are found without asking the Map, each at the place that the address of its type says. */
  readonly #recentTypes = new Float64Array(RECENT_COUNT);
  readonly #recent = new Array<Kind | undefined>(RECENT_COUNT);
  /** Whether the objects of a type are types. */
  readonly #metatypes = new Map<number, boolean>();
  /** Objects that are counted, while what they hold is not. */
  readonly #open: number[] = [];
  readonly #openShapes: HoldingShape[] = [];
  readonly #note = (word: number): void => this.#noteWord(word);
  tornCount = 0;

  constructor({ objects, words, writable }: CensusSource, visit: VisitObject | undefined) {
    this.#objects = objects;
    this.#words = words;
    this.#held = new HeldWords(objects, words);
    this.#sizes = new ObjectSizes(objects, words);
    this.#regions = new Regions(writable);
    this.#mostBytes = this.#regions.sizeBytes;
    const hasLowMemory = writable.some(({ address }) => address < 2 ** 32);
    this.#mostReferences = hasLowMemory ? LOWEST_PROGRAM : 2 ** 32;
    this.#visit = visit;
  }

  get types(): readonly CountedType[] {
    return [...this.#kinds.values()].filter((kind) => kind !== undefined);
  }

  /** Counts an object of which the collector knows. */
  addTracked(object: number, type: number): void {
    const kind = this.#kindOf(type);
    if (kind === undefined || !this.#marks.add(object)) return;
    this.#count(object, kind);
    this.#close();
  }

  /** Counts what is held, if it is an object. */
  addHeld(object: number): void {
    this.#noteWord(object);
    this.#close();
  }

  /** Counts what the counted objects hold, until there is nothing new. */
  #close(): void {
    for (let object = this.#open.pop(); object !== undefined; object = this.#open.pop()) {
      const shape = this.#openShapes.pop();
      if (shape !== undefined) this.#held.visit(object, shape, this.#note);
    }
  }

  #noteWord(word: number): void {
    if ((word & (OBJECT_ALIGNMENT - 1)) !== 0 || !this.#regions.has(word) || this.#marks.has(word)) return;
    const typeAt = word + this.#objects.layout.object.type;
    if (!this.#isCounted(typeAt - REFERENCE_COUNT_BYTES)) return;
    const kind = this.#kindOf(this.#words.word(typeAt));
    if (kind === undefined) return;
    this.#marks.add(word);
    this.#count(word, kind);
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

  #count(object: number, kind: Kind): void {
    const measured = this.#sizes.of(object, kind);
    const isTorn = !(measured >= 0 && measured <= this.#mostBytes);
    const size = isTorn ? kind.type.basicSize : measured;
    if (isTorn) this.tornCount += 1;
    kind.count += 1;
    kind.sizeBytes += size;
    this.#visit?.(object, kind.type, size);
    if (kind.shape === undefined || isTorn) return;
    this.#open.push(object);
    this.#openShapes.push(kind.shape);
  }

  #kindOf(type: number): Kind | undefined {
    const place = (type >>> 4) & (RECENT_COUNT - 1);
    if (this.#recentTypes[place] === type) return this.#recent[place];
    const kind = this.#kinds.get(type) ?? this.#newKind(type);
    if (kind === undefined) return undefined;
    this.#recentTypes[place] = type;
    this.#recent[place] = kind;
    return kind;
  }

  #newKind(type: number): Kind | undefined {
    if (!this.#regions.has(type) || !this.#isType(type) || this.#kinds.has(type)) return undefined;
    const kind = this.#readKind(type);
    this.#kinds.set(type, kind);
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

  #readKind(address: number): Kind | undefined {
    try {
      const type = this.#objects.typeFacts(toAddress(address));
      const holds = isTracked(type) || type.name === 'code';
      const shape = holds ? this.#held.shapeOf(type) : undefined;
      return { ...this.#sizes.sizedType(type), shape, count: 0, sizeBytes: 0 };
    } catch (error) {
      if (isAboutMemory(error)) return undefined;
      throw error;
    }
  }
}

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
