import type { Address } from '../../base/address.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import { HeapMarks } from './heap-marks.ts';
import { type HeapKind, HeapObjects, type HeapSource } from './heap-objects.ts';
import { walkTracked } from './tracked-objects.ts';

/** Where objects are counted. */
export interface CensusSource extends HeapSource {
  /** The lists of the collector. */
  readonly heads: readonly Address[];
  /** Objects that are counted too, with what they hold, though no list may have them: the variables of frames that run. */
  readonly roots: readonly Address[];
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

class ObjectCounter {
  readonly #heap: HeapObjects;
  readonly #visit: VisitObject | undefined;
  readonly #marks = new HeapMarks();
  /** By the index of their kind. */
  readonly #counts: number[] = [];
  readonly #sizesBytes: number[] = [];
  /** Objects that are counted, while what they hold is not. */
  readonly #open: number[] = [];
  readonly #openKinds: HeapKind[] = [];
  readonly #note = (word: number): void => this.#noteWord(word);
  tornCount = 0;

  constructor(source: CensusSource, visit: VisitObject | undefined) {
    this.#heap = new HeapObjects(source);
    this.#visit = visit;
  }

  get types(): readonly CountedType[] {
    return this.#heap.kinds.map(({ type, isStructOnly, index }) => ({
      type,
      isStructOnly,
      count: this.#counts[index] ?? 0,
      sizeBytes: this.#sizesBytes[index] ?? 0,
    }));
  }

  /** Counts an object of which the collector knows. */
  addTracked(object: number, type: number): void {
    const kind = this.#heap.kindOf(type);
    if (kind === undefined || !this.#marks.add(object)) return;
    this.#count(object, kind, this.#heap.measure(object, kind));
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
      const kind = this.#openKinds.pop();
      if (kind !== undefined) this.#heap.visitHeld(object, kind, this.#note);
    }
  }

  #noteWord(word: number): void {
    if (!this.#heap.canBegin(word) || this.#marks.has(word)) return;
    const kind = this.#heap.kindAt(word);
    if (kind === undefined) return;
    // A word need not lead to an object: what says of its size what makes no sense is none.
    const measured = this.#heap.measure(word, kind);
    if (Number.isNaN(measured)) return;
    this.#marks.add(word);
    this.#count(word, kind, measured);
  }

  #count(object: number, kind: HeapKind, measured: number): void {
    const isTorn = Number.isNaN(measured);
    const size = isTorn ? kind.type.basicSize : measured;
    if (isTorn) this.tornCount += 1;
    this.#counts[kind.index] = (this.#counts[kind.index] ?? 0) + 1;
    this.#sizesBytes[kind.index] = (this.#sizesBytes[kind.index] ?? 0) + size;
    this.#visit?.(object, kind.type, size);
    if (kind.shape === undefined || isTorn) return;
    this.#open.push(object);
    this.#openKinds.push(kind);
  }
}
