/** What is kept when nobody says how much: all that is asked of a libpython takes half of it. */
const DEFAULT_MAX_BYTES = 48 << 20;

/** What is kept of decompressed sections: the two or three that an answer needs, of all but the largest files. */
const LARGE_MAX_BYTES = 96 << 20;

interface Droppable {
  drop(): void;
}

/**
 * Keeps things that can be made again, up to a number of bytes together; what was not used for longest goes first.
 * Several files may share one, so that a process with many libraries has one bound.
 */
export class BoundedCache {
  readonly #maxBytes: number;
  /** Sizes in bytes; the order of a Map is that of the last use here. */
  readonly #kept = new Map<Droppable, number>();
  #latest: Droppable | undefined;
  #keptBytes = 0;
  #large: BoundedCache | undefined;

  constructor(maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes are kept now, as counted by those who keep them. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** A cache beside this one for what is large and slow to make: pages would push it out, and bring it back each time. */
  get large(): BoundedCache {
    this.#large ??= new BoundedCache(LARGE_MAX_BYTES);
    return this.#large;
  }

  /**
   * Makes a place for one thing, which is filled when it is asked for.
   * @param onDrop tells that it was emptied, so that who has very many places can forget this one
   */
  slot<T extends object>(make: () => T, sizeBytesOf: (made: T) => number, onDrop?: () => void): Slot<T> {
    return new Slot(this, { make, sizeBytesOf, onDrop });
  }

  /** Counts a thing that was made just now, and drops others for it; never the thing itself. */
  keep(slot: Droppable, sizeBytes: number): void {
    this.#kept.set(slot, sizeBytes);
    this.#latest = slot;
    this.#keptBytes += sizeBytes;
    for (const [oldest, bytes] of this.#kept) {
      if (this.#keptBytes <= this.#maxBytes || oldest === slot) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytes;
      oldest.drop();
    }
  }

  /** Notes that a thing was used. */
  touch(slot: Droppable): void {
    if (this.#latest === slot) return;
    const sizeBytes = this.#kept.get(slot);
    if (sizeBytes === undefined) return;
    this.#kept.delete(slot);
    this.#kept.set(slot, sizeBytes);
    this.#latest = slot;
  }
}

interface SlotUse<T> {
  readonly make: () => T;
  readonly sizeBytesOf: (made: T) => number;
  readonly onDrop: (() => void) | undefined;
}

/** A place for one thing in a {@link BoundedCache}, which may be emptied at any time. */
export class Slot<T extends object> implements Droppable {
  readonly #cache: BoundedCache;
  readonly #use: SlotUse<T>;
  #value: T | undefined;

  constructor(cache: BoundedCache, use: SlotUse<T>) {
    this.#cache = cache;
    this.#use = use;
  }

  /** The thing, made again where it had been dropped. */
  get(): T {
    if (this.#value !== undefined) {
      this.#cache.touch(this);
      return this.#value;
    }
    const made = this.#use.make();
    // Making it may have filled this slot already, when it was asked for meanwhile.
    if (this.#value === undefined) {
      this.#value = made;
      this.#cache.keep(this, this.#use.sizeBytesOf(made));
    }
    return made;
  }

  drop(): void {
    this.#value = undefined;
    this.#use.onDrop?.();
  }
}
