import type { ProfiledThread } from '../profile/profile.ts';

/** So many threads that have ended keep a place of their own: a program may start one for every request. */
const MOST_ENDED = 1000;

/**
 * The places of threads in a profile, by which its samples say whose they are. There are no more than threads that are, and a
 * bounded number of those that have ended: later ones of the same interpreter then take turns at the places of these.
 */
export class ThreadPlaces {
  /** By place who has it, or had it last. */
  readonly threads: ProfiledThread[] = [];
  readonly #mostEnded: number;
  /** Places that no sample speaks of. */
  readonly #free: number[] = [];
  /** By interpreter those of threads that have ended and have samples, the last one last. */
  readonly #ended = new Map<string, number[]>();
  #endedCount = 0;
  #met = 0;
  #sharing = 0;

  constructor(mostEnded = MOST_ENDED) {
    this.#mostEnded = mostEnded;
  }

  /** How many threads had to take the place of one that has samples. */
  get sharing(): number {
    return this.#sharing;
  }

  /** Gives a thread a place. */
  begin(thread: Omit<ProfiledThread, 'serial' | 'sharedBy'>): number {
    const free = this.#free.pop();
    const shared = free === undefined ? this.#takePlaceOf(thread) : undefined;
    if (shared !== undefined) return this.#share(shared);
    const place = free ?? this.threads.length;
    this.threads[place] = { ...thread, serial: this.#met, sharedBy: 1 };
    this.#met += 1;
    return place;
  }

  /** Notes what is known now of the thread that has a place. Of one that is shared only a name is told, as that of one of several. */
  learn(
    place: number,
    known: Omit<ProfiledThread, 'process' | 'interpreterId' | 'serial' | 'sharedBy'>,
  ): void {
    const thread = this.threads[place];
    if (thread === undefined) return;
    this.threads[place] =
      thread.sharedBy > 1 ? { ...thread, name: known.name ?? thread.name } : { ...thread, ...known };
  }

  /** Keeps the place of a thread that has ended for its samples. */
  keep(place: number): void {
    const thread = this.threads[place];
    if (thread === undefined) return;
    const key = keyOf(thread);
    const others = this.#ended.get(key);
    if (others === undefined) this.#ended.set(key, [place]);
    else others.push(place);
    this.#endedCount += 1;
  }

  /** Gives the place of a thread that has ended, and that no sample speaks of, to one that comes later. */
  release(place: number): void {
    this.#free.push(place);
  }

  /** The same of all that were kept. */
  releaseKept(): void {
    for (const places of this.#ended.values()) this.#free.push(...places);
    this.#ended.clear();
    this.#endedCount = 0;
  }

  /** The one that was left last: so few are shared, and in each of them threads follow one another. */
  #takePlaceOf(thread: Pick<ProfiledThread, 'process' | 'interpreterId'>): number | undefined {
    if (this.#endedCount < this.#mostEnded) return undefined;
    const place = this.#ended.get(keyOf(thread))?.pop();
    if (place !== undefined) this.#endedCount -= 1;
    return place;
  }

  #share(place: number): number {
    const before = this.threads[place];
    if (before === undefined) throw new RangeError(`Cannot share place ${place}, which nobody had`);
    const ids = { osThreadId: undefined, pthreadId: undefined, isMainThread: false };
    this.threads[place] = { ...before, ...ids, sharedBy: before.sharedBy + 1 };
    this.#sharing += 1;
    return place;
  }
}

function keyOf({ process, interpreterId }: Pick<ProfiledThread, 'process' | 'interpreterId'>): string {
  return `${process} ${interpreterId}`;
}
