import { type Address, type AddressRange, toAddress } from '../../src/base/address.ts';
import { UnreadableMemoryError } from '../../src/base/errors.ts';
import { PageCache } from '../../src/base/page-cache.ts';
import type { Memory } from '../../src/base/ports.ts';

const PAGE_BYTES = 4096;
const WORD_BYTES = 8;
/** Of the places that were read, so many are remembered to point back to. */
const MOST_PLACES = 4096;

/** Words that sizes, counts, indices and pointers had better not be. */
export const NASTY_WORDS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  7n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  1n << 46n,
  1n << 52n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  0x4141_4141_4141_4141n,
];

/** How a case spoils what is read. */
export interface Hostility {
  readonly random: () => number;
  /** How many of all reads are spoilt, from 0 to 1. */
  readonly rate: number;
  /** Only the read of this number is spoilt, counted from 0; whatever the rate is. */
  readonly onlyRead?: number;
  /** What was spoilt once stays spoilt in the same way; otherwise memory changes from read to read. */
  readonly isSteady: boolean;
}

/** Memory of a process that stands still, remembered by pages, so that a case costs no system calls. */
export class RememberedMemory implements Memory {
  readonly #below: Memory;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(below: Memory) {
    this.#below = below;
  }

  /** Lets go of all that it remembers. */
  forget(): void {
    this.#pages.clear();
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    return this.#below.read(address, sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map((range) => {
      const isPage = range.sizeBytes === PAGE_BYTES && range.address % PAGE_BYTES === 0;
      if (!isPage) return this.#below.readMany([range])[0];
      const page = this.#pages.get(range.address) ?? this.#below.readMany([range])[0];
      if (page !== undefined) this.#pages.set(range.address, page);
      return page;
    });
  }
}

/** The cache of a target that answers every read as the hostility of the case has it. */
export class HostileMemory extends PageCache {
  #hostility: Hostility | undefined;
  #places: number[] = [];
  #steady = new Map<string, Uint8Array | undefined>();
  #reads = 0;

  /** How often it was read since it became hostile. */
  get reads(): number {
    return this.#reads;
  }

  /** Begins a case; honest without a hostility. */
  become(hostility: Hostility | undefined): void {
    this.clear();
    this.#hostility = hostility;
    this.#places = [];
    this.#steady = new Map();
    this.#reads = 0;
  }

  override read(address: Address, sizeBytes: number): Uint8Array {
    const bytes = this.#spoilt(address, sizeBytes, () => super.read(address, sizeBytes));
    if (bytes === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return bytes;
  }

  override readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    const all = super.readMany(ranges);
    return ranges.map(({ address, sizeBytes }, index) =>
      this.#spoilt(address, sizeBytes, () => all[index] ?? new Uint8Array()),
    );
  }

  #spoilt(address: Address, sizeBytes: number, read: () => Uint8Array): Uint8Array | undefined {
    const hostility = this.#hostility;
    if (hostility === undefined) return emptyIsNone(read(), sizeBytes);
    const number = this.#reads;
    this.#reads += 1;
    if (this.#places.length < MOST_PLACES) this.#places.push(address);
    const key = `${address} ${sizeBytes}`;
    if (hostility.isSteady && this.#steady.has(key)) return this.#steady.get(key);
    const { random, rate, onlyRead } = hostility;
    const isSpoilt = onlyRead === undefined ? random() < rate : number === onlyRead;
    const honest = emptyIsNone(read(), sizeBytes);
    const answer = isSpoilt ? this.#spoil(random, honest ?? new Uint8Array(sizeBytes)) : honest;
    if (hostility.isSteady) this.#steady.set(key, answer);
    return answer;
  }

  #spoil(random: () => number, honest: Uint8Array): Uint8Array | undefined {
    const choice = random();
    const bytes = honest.slice();
    if (choice < 0.1) return undefined;
    if (choice < 0.15) return bytes.fill(0);
    if (choice < 0.2) return bytes.map(() => random() * 256);
    if (choice < 0.3) return this.#bytesOfElsewhere(random, bytes.length);
    const count = 1 + Math.floor(random() * 3);
    for (let done = 0; done < count; done += 1) {
      if (choice < 0.5) flipBit(bytes, random);
      else if (choice < 0.75) setWord(bytes, random, BigInt(this.#earlierPlace(random)));
      else setWord(bytes, random, NASTY_WORDS[Math.floor(random() * NASTY_WORDS.length)] ?? 0n);
    }
    return bytes;
  }

  #bytesOfElsewhere(random: () => number, sizeBytes: number): Uint8Array | undefined {
    try {
      return super.read(toAddress(this.#earlierPlace(random)), sizeBytes);
    } catch {
      return undefined;
    }
  }

  /** Mostly the beginning of something that was read; sometimes its middle. */
  #earlierPlace(random: () => number): number {
    const place = this.#places[Math.floor(random() * this.#places.length)] ?? 0;
    return random() < 0.8 ? place : place + Math.floor(random() * 8) * WORD_BYTES;
  }
}

/** A part that could not be read comes from `readMany` as nothing. */
function emptyIsNone(bytes: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  return bytes.length === 0 && sizeBytes > 0 ? undefined : bytes;
}

function flipBit(bytes: Uint8Array, random: () => number): void {
  const at = Math.floor(random() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
}

function setWord(bytes: Uint8Array, random: () => number, value: bigint): void {
  const word = Math.floor((random() * bytes.length) / WORD_BYTES) * WORD_BYTES;
  for (let index = 0; index < WORD_BYTES && word + index < bytes.length; index += 1) {
    bytes[word + index] = Number((BigInt.asUintN(64, value) >> BigInt(8 * index)) & 0xffn);
  }
}
