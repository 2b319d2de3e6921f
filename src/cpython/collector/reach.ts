import { HeapMarks } from './heap-marks.ts';
import type { HeapKind, HeapObjects } from './heap-objects.ts';

/** A way to an object: where it begins, and the objects on it, each of which holds the next. */
export interface Way {
  /** What its first object was begun with. */
  readonly root: number;
  readonly objects: readonly number[];
}

/** Told of what is reached, in the order of the lengths of the ways, and by what; that is to be asked of {@link Reach.wayTo}. */
export interface ReachWatch {
  /** Each object, once; answers whether it is to be told when others hold it too, which is for some thousands at most. */
  readonly onReached: (object: number, kind: HeapKind, holder: number) => boolean;
  /** An object of these, for each other holder, the way to which does not lead through the object itself. */
  readonly onHeldAgain?: (object: number, holder: number) => void;
}

/** An object whose further holders are told of. */
interface Watched {
  /** The holder that was told of last: one may hold it twice. */
  holder: number;
  /** Where it is kept; beyond everything for what holds nothing, so that no way leads through it. */
  readonly index: number;
}

/**
 * Goes from roots to all that can be reached from them, the nearest first, so that the first way to an object is the shortest.
 * Kept are those objects that hold others: 16 bytes of each.
 */
export class Reach {
  readonly #heap: HeapObjects;
  readonly #watch: ReachWatch;
  readonly #marks = new HeapMarks();
  readonly #watched = new Map<number, Watched>();
  #objects = new Float64Array(FIRST_ROOM);
  /** Of each the index of its holder; below 0 the number of its root. */
  #holders = new Int32Array(FIRST_ROOM);
  /** Of each the index of the nearest watched object on the way to it, itself included; -1 when there is none. */
  #watchedAbove = new Int32Array(FIRST_ROOM);
  #count = 0;
  #next = 0;
  #holder = 0;
  readonly #note = (word: number): void => this.#noteWord(word);

  constructor(heap: HeapObjects, watch: ReachWatch) {
    this.#heap = heap;
    this.#watch = watch;
  }

  /** Leaves out an object, as if it held nothing. */
  passOver(object: number): void {
    this.#marks.add(object);
  }

  /** Begins at what a root holds, if it is an object. */
  begin(word: number, root: number): void {
    this.#holder = -1 - root;
    this.#noteWord(word);
  }

  /** Goes one step from all that is known so far. */
  step(): void {
    for (const end = this.#count; this.#next < end; this.#next += 1) this.#expand(this.#next);
  }

  /** Goes on until there is nothing new. */
  run(): void {
    for (; this.#next < this.#count; this.#next += 1) this.#expand(this.#next);
  }

  /** Whether an object was reached. */
  has(object: number): boolean {
    return this.#marks.has(object);
  }

  /** The way to what a holder has. */
  wayTo(object: number, holder: number): Way {
    const objects = [object];
    let at = holder;
    // What holds was reached before what it holds.
    for (; at >= 0; at = this.#holders[at] ?? -1) objects.push(this.#objects[at] ?? 0);
    return { root: -1 - at, objects: objects.toReversed() };
  }

  #expand(index: number): void {
    const object = this.#objects[index] ?? 0;
    const kind = this.#heap.knownKindAt(object);
    if (kind === undefined) return;
    this.#holder = index;
    this.#heap.visitHeld(object, kind, this.#note);
    // From 3.9 on an instance holds its class.
    this.#noteWord(kind.type.address);
  }

  #noteWord(word: number): void {
    if (!this.#heap.canBegin(word)) return;
    if (this.#marks.has(word)) {
      this.#meetAgain(word);
      return;
    }
    const kind = this.#heap.kindAt(word);
    if (kind === undefined) return;
    this.#marks.add(word);
    const holdsOthers = kind.shape !== undefined;
    const isWatched = this.#watch.onReached(word, kind, this.#holder);
    if (isWatched) {
      const index = holdsOthers ? this.#count : Number.POSITIVE_INFINITY;
      this.#watched.set(word, { holder: this.#holder, index });
    }
    if (holdsOthers) this.#keep(word, isWatched);
  }

  #meetAgain(object: number): void {
    const watched = this.#watched.get(object);
    if (watched === undefined || watched.holder === this.#holder) return;
    watched.holder = this.#holder;
    if (!this.#leadsThrough(watched.index)) this.#watch.onHeldAgain?.(object, this.#holder);
  }

  /** Whether the way to the present holder leads through a watched object. Ways may be as long as a list: it is asked in few steps. */
  #leadsThrough(index: number): boolean {
    let at = this.#watchedBefore(this.#holder);
    while (at > index) at = this.#watchedBefore(this.#holders[at] ?? -1);
    return at === index;
  }

  #watchedBefore(holder: number): number {
    return holder < 0 ? -1 : (this.#watchedAbove[holder] ?? -1);
  }

  #keep(object: number, isWatched: boolean): void {
    if (this.#count === this.#objects.length) this.#grow();
    this.#objects[this.#count] = object;
    this.#holders[this.#count] = this.#holder;
    this.#watchedAbove[this.#count] = isWatched ? this.#count : this.#watchedBefore(this.#holder);
    this.#count += 1;
  }

  #grow(): void {
    const objects = new Float64Array(this.#objects.length * 2);
    objects.set(this.#objects);
    this.#objects = objects;
    this.#holders = doubled(this.#holders);
    this.#watchedAbove = doubled(this.#watchedAbove);
  }
}

function doubled(before: Int32Array): Int32Array<ArrayBuffer> {
  const after = new Int32Array(before.length * 2);
  after.set(before);
  return after;
}

const FIRST_ROOM = 1 << 16;
