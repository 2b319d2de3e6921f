import { type Address, toAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { Layout } from '../layouts/layout.ts';
import type { TypeFlags } from '../objects/type-flags.ts';
import { HeapMarks } from './heap-marks.ts';
import type { HeapWords } from './heap-words.ts';

/** What the lists are read with. */
export interface TrackedSource {
  readonly words: HeapWords;
  readonly layout: Layout;
  readonly flags: TypeFlags;
  /** Whether memory can be read again, as it changes while it is read. */
  readonly isMoving: boolean;
}

/** Told of each object that the collector tracks. */
export type Visit = (object: Address, type: Address) => void;

/** How a walk through lists went. */
export interface TrackedWalk {
  /** How many objects were met. */
  readonly count: number;
  /** How many lists could not be followed to their ends. */
  readonly brokenCount: number;
}

/** More objects than this are a list that runs in circles. */
const MOST_OBJECTS = 200_000_000;
/** How often a place is read again that did not fit; each costs some microseconds. */
const MOST_REPAIRS = 2000;
/** How far a walk goes back to find a place from which the list still leads on. */
const TRAIL = 1024;
/** How often a list that changes is begun anew when nothing leads on. */
const MOST_BEGINNINGS = 3;
/** A Set holds no more than 2^24 values. */
const MOST_UNPROVED = 16_000_000;

/** Walks through lists of the collector, each once. */
export function walkTracked(source: TrackedSource, heads: readonly Address[], visit: Visit): TrackedWalk {
  const walk = new ListWalk(source, new Set(heads), visit);
  let brokenCount = 0;
  for (const head of heads) if (!walk.follow(head)) brokenCount += 1;
  return { count: walk.count, brokenCount };
}

/**
 * Follows rings of PyGC_Head. A link is believed when the next head points back, which also keeps the walk from running in
 * circles. While the collector works it has other things in the links back; then a head is believed for the type of its
 * object. In a list that changes while it is read a link may lead astray: it is read again, and where nothing leads on any
 * more, the walk goes back to the last head that is still in its place. None is visited twice there.
 */
class ListWalk {
  readonly #source: TrackedSource;
  readonly #heads: ReadonlySet<number>;
  readonly #visit: Visit;
  readonly #headBytes: number;
  readonly #typeAt: number;
  readonly #types = new Map<number, boolean>();
  readonly #unproved = new Set<number>();
  readonly #seen = new HeapMarks();
  readonly #trail: number[] = [];
  #repairsLeft = MOST_REPAIRS;
  count = 0;

  constructor(source: TrackedSource, heads: ReadonlySet<number>, visit: Visit) {
    const { layout } = source;
    this.#source = source;
    this.#heads = heads;
    this.#visit = visit;
    this.#headBytes = layout.collector?.headBytes ?? 0;
    this.#typeAt = this.#headBytes + layout.object.type;
  }

  /** Answers whether it came to an end of the list, and not to a place from which nothing led on. */
  follow(head: Address): boolean {
    if (this.#followFrom(head)) return true;
    for (let again = 1; this.#source.isMoving && again < MOST_BEGINNINGS; again += 1) {
      this.#source.words.load([]);
      this.#unproved.clear();
      this.#repairsLeft = MOST_REPAIRS;
      if (this.#followFrom(head)) return true;
    }
    return false;
  }

  #followFrom(head: Address): boolean {
    this.#trail.length = 0;
    let place: number | undefined = head;
    for (let steps = 0; steps < MOST_OBJECTS && place !== undefined; steps += 1) {
      const next = this.#after(place);
      // A head that moved to another list meanwhile leads to the end of that one.
      if (next !== undefined && this.#heads.has(next)) return true;
      if (next !== undefined) this.#meet(next);
      place = next ?? this.#stepBack();
    }
    return false;
  }

  #meet(place: number): void {
    this.#trail.push(place);
    if (this.#trail.length > 2 * TRAIL) this.#trail.splice(0, TRAIL);
    if (this.#source.isMoving && !this.#seen.add(place)) return;
    this.count += 1;
    const type = this.#source.words.word(place + this.#typeAt);
    this.#visit(toAddress(place + this.#headBytes), toAddress(type));
  }

  /** The head behind one, when it may be believed; that of a list in any case. */
  #after(place: number): number | undefined {
    const { words, isMoving } = this.#source;
    for (;;) {
      const next = words.pointer(place);
      if (this.#heads.has(next)) return next;
      const isProved = next > 0 && words.pointer(next + 8) === place;
      if (isProved && this.#hasType(next)) return next;
      if (!isMoving || this.#repairsLeft <= 0) return this.#unprovedAfter(next);
      this.#repairsLeft -= 1;
      words.refresh(place);
      const again = words.pointer(place);
      if (again > 0) words.refresh(again);
      if (again === next) return this.#unprovedAfter(again);
    }
  }

  /** Each of these once, as nothing else keeps the walk from running in circles. */
  #unprovedAfter(next: number): number | undefined {
    const isNew = this.#unproved.size < MOST_UNPROVED && !this.#unproved.has(next);
    if (next <= 0 || !isNew || !this.#hasType(next)) return undefined;
    this.#unproved.add(next);
    return next;
  }

  #hasType(place: number): boolean {
    const type = this.#source.words.word(place + this.#typeAt);
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const isType = type > 0 && this.#isType(type);
    this.#types.set(type, isType);
    return isType;
  }

  #isType(address: number): boolean {
    return readIfSound(() => this.#source.flags.of(toAddress(address))) !== undefined;
  }

  /** The last head on the way here that is still part of a list. */
  #stepBack(): number | undefined {
    const { words, isMoving } = this.#source;
    if (!isMoving) return undefined;
    for (let place = this.#trail.pop(); place !== undefined; place = this.#trail.pop()) {
      this.#repairsLeft -= 1;
      if (this.#repairsLeft <= 0) return undefined;
      words.refresh(place);
      const next = words.pointer(place);
      if (next <= 0) continue;
      words.refresh(next);
      if (words.pointer(next + 8) === place) return place;
    }
    return undefined;
  }
}
