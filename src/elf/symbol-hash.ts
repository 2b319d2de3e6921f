import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import { type FileRange, partOf, readRange } from './file-range.ts';

/** A chain longer than this is refused; linkers make them a few entries long. */
const MAX_CHAIN = 2 ** 16;

/** Entries of a chain that are read at once: one read nearly always holds all of it. */
const CHAIN_BLOCK = 32;

/** Reads the words of one hash section, each read checked against the section. */
class HashSection {
  readonly #source: ByteSource;
  readonly #range: FileRange;
  readonly #name: string;

  constructor(source: ByteSource, range: FileRange, name: string) {
    this.#source = source;
    this.#range = range;
    this.#name = name;
  }

  get sizeBytes(): number {
    return this.#range.sizeBytes;
  }

  view(at: number, sizeBytes: number): StructView {
    const part = partOf(this.#source, this.#range, { fileOffset: at, sizeBytes }, this.#name);
    return new StructView(readRange(this.#source, part, this.#name), `${this.#name} of ${this.#source.name}`);
  }

  fail(at: number, state: string): MalformedInputError {
    return new MalformedInputError(`${this.#name} of ${this.#source.name}`, at, state);
  }
}

/**
 * Yields the indexes of the defined symbols whose hash in `.gnu.hash` is that of the name; nearly always none or
 * one. Layout: four words, a Bloom filter of 64-bit words, buckets, and a hash for each symbol from the
 * `firstSymbol`th on, its lowest bit set where a bucket's run of symbols ends.
 */
export function* gnuHashCandidates(source: ByteSource, range: FileRange, name: string): Generator<number> {
  const section = new HashSection(source, range, '.gnu.hash');
  const header = section.view(0, 16);
  const bucketCount = header.u32(0);
  const firstSymbol = header.u32(4);
  const bloomWords = header.u32(8);
  const bloomShift = header.u32(12);
  if (bucketCount === 0) return;
  if (bloomWords === 0 || bloomShift > 31) {
    throw section.fail(8, `Bloom filter of ${bloomWords} words, shift ${bloomShift}`);
  }
  const hash = gnuHash(name);
  const bloom = section.view(16 + 8 * (Math.floor(hash / 64) % bloomWords), 8);
  if (!hasBit(bloom, hash % 64) || !hasBit(bloom, (hash >>> bloomShift) % 64)) return;

  const bucketsAt = 16 + 8 * bloomWords;
  const bucketAt = bucketsAt + 4 * (hash % bucketCount);
  const start = section.view(bucketAt, 4).u32(0);
  if (start === 0) return;
  if (start < firstSymbol)
    throw section.fail(bucketAt, `bucket has symbol ${start}, the first is ${firstSymbol}`);
  const chainsAt = bucketsAt + 4 * bucketCount;
  for (const [index, symbolHash] of gnuChain(section, chainsAt + 4 * (start - firstSymbol))) {
    // The lowest bit marks the end, so it says nothing of the hash.
    if ((symbolHash | 1) === (hash | 1)) yield start + index;
  }
}

function* gnuChain(section: HashSection, chainAt: number): Generator<readonly [index: number, hash: number]> {
  for (let base = 0; base < MAX_CHAIN; base += CHAIN_BLOCK) {
    const at = chainAt + 4 * base;
    const left = Math.floor((section.sizeBytes - at) / 4);
    if (left < 1) throw section.fail(at, 'chain does not end within the section');
    const count = Math.min(CHAIN_BLOCK, left);
    const block = section.view(at, 4 * count);
    for (let index = 0; index < count; index += 1) {
      const hash = block.u32(4 * index);
      yield [base + index, hash];
      if ((hash & 1) === 1) return;
    }
  }
  throw section.fail(chainAt, `chain does not end within ${MAX_CHAIN} symbols`);
}

/**
 * Yields the indexes of the symbols in the `.hash` chain of the name, which may be of other names too. Layout:
 * two counts, a symbol index per bucket, and for each symbol the next one of its chain, 0 at the end.
 */
export function* sysvHashCandidates(source: ByteSource, range: FileRange, name: string): Generator<number> {
  const section = new HashSection(source, range, '.hash');
  const header = section.view(0, 8);
  const bucketCount = header.u32(0);
  const symbolCount = header.u32(4);
  if (bucketCount === 0) return;
  let index = section.view(8 + 4 * (sysvHash(name) % bucketCount), 4).u32(0);
  for (let steps = 0; index !== 0; steps += 1) {
    const at = 8 + 4 * (bucketCount + index);
    if (index >= symbolCount) throw section.fail(at, `chain has symbol ${index} of ${symbolCount}`);
    if (steps >= Math.min(symbolCount, MAX_CHAIN))
      throw section.fail(at, `chain does not end within ${steps} symbols`);
    yield index;
    index = section.view(at, 4).u32(0);
  }
}

/** `dl_new_hash` of glibc: h = 33 h + c, modulo 2^32. */
function gnuHash(name: string): number {
  let hash = 5381;
  for (const byte of Buffer.from(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

/** `elf_hash` of the System V ABI, chapter 5. */
function sysvHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    hash = (hash ^ ((hash & 0xf000_0000) >>> 24)) & 0x0fff_ffff;
  }
  return hash;
}

function hasBit(word: StructView, bit: number): boolean {
  return ((word.u32(bit < 32 ? 0 : 4) >>> (bit % 32)) & 1) === 1;
}
