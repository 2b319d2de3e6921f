const REGION_BYTES = 128 * 1024;
/** Objects lie at multiples of 8, from 3.7.4 on of 16. */
const GRAIN_BYTES = 8;
const REGION_MARKS = REGION_BYTES / GRAIN_BYTES / 8;
/** Regions that are found without asking the Map, each at the place that its number says; a power of 2. */
const RECENT_COUNT = 4096;
const NOTHING = new Uint8Array();

/** A set of aligned addresses that lie close together: a bit for each place, a tenth of the time of a Set. */
export class HeapMarks {
  readonly #regions = new Map<number, Uint8Array>();
  readonly #recentNumbers = new Float64Array(RECENT_COUNT).fill(-1);
  readonly #recent: Uint8Array[] = new Array<Uint8Array>(RECENT_COUNT).fill(NOTHING);

  /** Marks a place; answers whether it was not marked before. */
  add(address: number): boolean {
    const number = Math.floor(address / REGION_BYTES);
    const marks = this.#find(number) ?? this.#make(number);
    const grain = (address - number * REGION_BYTES) / GRAIN_BYTES;
    const at = grain >>> 3;
    const bit = 1 << (grain & 7);
    const before = marks[at] ?? 0;
    marks[at] = before | bit;
    return (before & bit) === 0;
  }

  /** Whether a place was marked. */
  has(address: number): boolean {
    const number = Math.floor(address / REGION_BYTES);
    const marks = this.#find(number);
    if (marks === undefined) return false;
    const grain = (address - number * REGION_BYTES) / GRAIN_BYTES;
    return ((marks[grain >>> 3] ?? 0) & (1 << (grain & 7))) !== 0;
  }

  #find(number: number): Uint8Array | undefined {
    const place = number & (RECENT_COUNT - 1);
    return this.#recentNumbers[place] === number ? this.#recent[place] : this.#findAfar(number, place);
  }

  #findAfar(number: number, place: number): Uint8Array | undefined {
    const marks = this.#regions.get(number);
    if (marks === undefined) return undefined;
    this.#recentNumbers[place] = number;
    this.#recent[place] = marks;
    return marks;
  }

  #make(number: number): Uint8Array {
    const marks = new Uint8Array(REGION_MARKS);
    this.#regions.set(number, marks);
    return marks;
  }
}
