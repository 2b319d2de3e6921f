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
  /** Each object, once; answers whether it is to be told when others hold it too. */
  readonly onReached: (object: number, kind: HeapKind, holder: number) => boolean;
  /** An object of these, for each other holder. */
  readonly onHeldAgain?: (object: number, holder: number) => void;
}

/** No way is followed further up. */
const MOST_STEPS = 10_000_000;

/**
 * Goes from roots to all that can be reached from them, the nearest first, so that the first way to an object is the shortest.
 * Kept are those objects that hold others: 12 bytes of each.
 */
export class Reach {
  readonly #heap: HeapObjects;
  readonly #watch: ReachWatch;
  readonly #marks = new HeapMarks();
  /** Each with the holder that was told of last: one may hold it twice. */
  readonly #watched = new Map<number, number>();
  #objects = new Float64Array(FIRST_ROOM);
  /** Of each the index of its holder; below 0 the number of its root. */
  #holders = new Int32Array(FIRST_ROOM);
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

  /** The way to what a holder has; `undefined` when the object itself lies on it. */
  wayTo(object: number, holder: number): Way | undefined {
    const objects = [object];
    let at = holder;
    for (let steps = 0; at >= 0 && steps < MOST_STEPS; steps += 1) {
      const each = this.#objects[at] ?? 0;
      if (each === object) return undefined;
      objects.push(each);
      at = this.#holders[at] ?? 0;
    }
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
    if (this.#watch.onReached(word, kind, this.#holder)) this.#watched.set(word, this.#holder);
    if (kind.shape !== undefined) this.#keep(word);
  }

  #meetAgain(object: number): void {
    const before = this.#watched.get(object);
    if (before === undefined || before === this.#holder) return;
    this.#watched.set(object, this.#holder);
    this.#watch.onHeldAgain?.(object, this.#holder);
  }

  #keep(object: number): void {
    if (this.#count === this.#objects.length) this.#grow();
    this.#objects[this.#count] = object;
    this.#holders[this.#count] = this.#holder;
    this.#count += 1;
  }

  #grow(): void {
    const objects = new Float64Array(this.#objects.length * 2);
    objects.set(this.#objects);
    this.#objects = objects;
    const holders = new Int32Array(this.#holders.length * 2);
    holders.set(this.#holders);
    this.#holders = holders;
  }
}

const FIRST_ROOM = 1 << 16;
