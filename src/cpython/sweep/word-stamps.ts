import { type Address, toAddress, WORD_BYTES } from '../../base/address.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';

/** Words that lie closer together are read as one range: another one costs as much as 256 bytes more. */
const GAP_BYTES = 256;
const PAGE_BYTES = 4096;

/** Words of a target's memory and what they held at some moment. */
export interface WordStamp {
  readonly ranges: readonly { readonly address: number; readonly sizeBytes: number }[];
  /** Where in these ranges, put one behind the other, the words are; and their two halves. */
  readonly offsets: readonly number[];
  readonly halves: readonly number[];
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
    const ranges: { address: number; sizeBytes: number }[] = [];
    const offsets: number[] = [];
    const halves: number[] = [];
    let before = 0;
    for (const address of sorted) {
      let last = ranges.at(-1);
      if (last === undefined || !isNear(last, address)) {
        before += last?.sizeBytes ?? 0;
        last = { address, sizeBytes: 0 };
        ranges.push(last);
      }
      last.sizeBytes = address + WORD_BYTES - last.address;
      offsets.push(before + address - last.address);
      const bytes = memory.read(toAddress(address), WORD_BYTES);
      halves.push(halfOf(bytes, 0), halfOf(bytes, 4));
    }
    return { ranges, offsets, halves };
  }

  /** Tells of each stamp whether its words hold the same now. */
  areSame(stamps: readonly WordStamp[]): readonly boolean[] {
    const reader = this.#reader;
    reader.clear();
    const places = stamps.map(({ ranges }) => {
      const start = reader.plannedBytes;
      for (const { address, sizeBytes } of ranges) reader.plan(address, sizeBytes);
      return start;
    });
    const came = reader.fill();
    // Where one is gone nothing came of those behind it, which are asked one by one then.
    if (came < reader.plannedBytes && stamps.length > 1)
      return stamps.map((stamp) => this.areSame([stamp])[0] === true);
    return stamps.map((stamp, at) => came === reader.plannedBytes && this.#isSame(stamp, places[at] ?? 0));
  }

  #isSame({ offsets, halves }: WordStamp, start: number): boolean {
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
