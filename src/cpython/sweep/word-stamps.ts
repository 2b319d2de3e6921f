import { type Address, toAddress, WORD_BYTES } from '../../base/address.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';

/** Words that lie closer together are read as one range: another one costs as much as 256 bytes more. */
const GAP_BYTES = 256;
const PAGE_BYTES = 4096;

/** Words that are read as one range: where in it they are, and their two halves at some moment. */
interface StampedRange {
  readonly address: number;
  sizeBytes: number;
  readonly offsets: number[];
  readonly halves: number[];
}

/** Words of a target's memory and what they held at some moment. */
export interface WordStamp {
  readonly ranges: readonly Readonly<StampedRange>[];
}

/** Compares what words held with what they hold now: of many stamps in one call. */
export class WordStamps {
  readonly #reader: RangeReader;

  constructor(reader: RangeReader) {
    this.#reader = reader;
  }

  /**
   * Takes the stamp of words as a memory has them, which may be copies of an earlier moment.
   * @throws {UnreadableMemoryError} when one is not there
   */
  static take(memory: Memory, addresses: readonly Address[]): WordStamp {
    const sorted = [...new Set(addresses)].sort((one, other) => one - other);
    const ranges: StampedRange[] = [];
    for (const address of sorted) {
      let last = ranges.at(-1);
      if (last === undefined || !isNear(last, address)) {
        last = { address, sizeBytes: 0, offsets: [], halves: [] };
        ranges.push(last);
      }
      last.sizeBytes = address + WORD_BYTES - last.address;
      last.offsets.push(address - last.address);
      const bytes = memory.read(toAddress(address), WORD_BYTES);
      last.halves.push(halfOf(bytes, 0), halfOf(bytes, 4));
    }
    return { ranges };
  }

  /** Tells of each stamp whether its words hold the same now. */
  areSame(stamps: readonly WordStamp[]): readonly boolean[] {
    const reader = this.#reader;
    reader.clear();
    const places = stamps.map(({ ranges }) =>
      ranges.map(({ address, sizeBytes }) => reader.plan(address, sizeBytes)),
    );
    const came = reader.fill();
    // Where one is gone nothing came of those behind it, which are asked one by one then.
    if (came < reader.plannedBytes && stamps.length > 1)
      return stamps.map((stamp) => this.areSame([stamp])[0] === true);
    return stamps.map(
      ({ ranges }, at) =>
        came === reader.plannedBytes &&
        ranges.every((range, index) => this.#isSame(range, places[at]?.[index] ?? 0)),
    );
  }

  #isSame({ offsets, halves }: Readonly<StampedRange>, start: number): boolean {
    const { words } = this.#reader;
    for (let at = 0; at < offsets.length; at += 1) {
      const word = (start + (offsets[at] ?? 0)) >>> 2;
      if (words[word] !== halves[2 * at] || words[word + 1] !== halves[2 * at + 1]) return false;
    }
    return true;
  }
}

function isNear(range: { readonly address: number; readonly sizeBytes: number }, address: number): boolean {
  const end = range.address + range.sizeBytes;
  return address - end < GAP_BYTES && Math.floor((end - 1) / PAGE_BYTES) === Math.floor(address / PAGE_BYTES);
}

function halfOf(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
