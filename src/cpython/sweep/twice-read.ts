import { type Address, type AddressRange, toAddress, WORD_BYTES } from '../../base/address.ts';
import { isAboutMemory, UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';

const PAGE_BYTES = 4096;
/** What is read beyond what was asked for, within the page: tables grow from look to look. */
const MARGIN_BYTES = 256;
/** Places that were needed lately: a dict that is filled and emptied all the time moves to and fro between a few. */
const MOST_RANGES = 8;

/**
 * A question about a target's memory that is answered in each look at a thread, once from copies that were made before its
 * frames were read and once from copies made afterwards, in the same system call.
 */
export class TwiceRead<Answer> {
  /** What the two copies of the last look say. */
  answers: readonly Answer[] = [];
  readonly #ask: (memory: Memory) => Answer;
  readonly #live: Memory;
  /** The places that lately answered it, the last one first. */
  #ranges: readonly AddressRange[] = [];
  readonly #offsets: [number[], number[]] = [[], []];

  /** @param ask reads what it needs from the memory that it is given, and nothing else */
  constructor(live: Memory, ask: (memory: Memory) => Answer) {
    this.#live = live;
    this.#ask = ask;
  }

  /** Plans the copies of one of the two moments. */
  plan(reader: RangeReader, moment: 0 | 1): void {
    this.#offsets[moment] = this.#ranges.map(({ address, sizeBytes }) => reader.plan(address, sizeBytes));
  }

  /** Answers from what was read; `false` when that was not all that is needed by now: the next look has it. */
  take(reader: RangeReader): boolean {
    try {
      this.answers = this.#offsets.map((offsets) => this.#ask(this.#copies(reader, offsets)));
      return true;
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      this.answers = [];
      this.#learn();
      return false;
    }
  }

  /** Forgets where the answer was: one of the places may be gone. */
  forget(): void {
    this.#ranges = [];
  }

  #copies(reader: RangeReader, offsets: readonly number[]): Memory {
    const ranges = this.#ranges;
    return memoryOf((address, sizeBytes) => {
      const at = ranges.findIndex(
        (range) => address >= range.address && address + sizeBytes <= Number(range.address) + range.sizeBytes,
      );
      const range = ranges[at];
      const offset = offsets[at];
      if (range === undefined || offset === undefined) return undefined;
      const from = offset + (address - range.address);
      return reader.bytes.subarray(from, from + sizeBytes);
    });
  }

  /** Asks the memory as it is now, to see which places are needed. */
  #learn(): void {
    const needed: AddressRange[] = [];
    const watched = memoryOf((address, sizeBytes) => {
      needed.push(widened(address, sizeBytes));
      return this.#live.read(address, sizeBytes);
    });
    try {
      this.#ask(watched);
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      this.forget();
      return;
    }
    const others = this.#ranges.filter(
      ({ address }) => !needed.some((range) => Number(range.address) === Number(address)),
    );
    this.#ranges = [...needed, ...others].slice(0, Math.max(MOST_RANGES, needed.length));
  }
}

/** Whole words, and as many behind them as the page has, up to the margin. */
function widened(address: Address, sizeBytes: number): AddressRange {
  const start = address - (address % WORD_BYTES);
  const end = address + sizeBytes;
  const endOfPage = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES;
  const wideEnd = Math.min(endOfPage, end + MARGIN_BYTES);
  return { address: toAddress(start), sizeBytes: Math.ceil((wideEnd - start) / WORD_BYTES) * WORD_BYTES };
}

function memoryOf(read: (address: Address, sizeBytes: number) => Uint8Array | undefined): Memory {
  const readAll = (address: Address, sizeBytes: number): Uint8Array => {
    const bytes = read(address, sizeBytes);
    if (bytes === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return bytes;
  };
  return {
    read: readAll,
    readMany: (ranges) => ranges.map(({ address, sizeBytes }) => read(address, sizeBytes)),
  };
}
