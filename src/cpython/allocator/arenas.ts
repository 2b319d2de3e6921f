import type { ArenaSizes } from '../../model/heap-summary.ts';
import type { HeapWords } from '../collector/heap-words.ts';
import type { Layout } from '../layouts/layout.ts';

/** The arenas of a list, as far as they make sense. */
export interface MeasuredArenas {
  readonly sizes: ArenaSizes;
  /** How many pools are in use, and how many more make no sense. */
  readonly poolCount: number;
  readonly tornCount: number;
}

/** `ALIGNMENT` to `SMALL_REQUEST_THRESHOLD`, cpython/Objects/obmalloc.c; the step was 16 bytes from 3.7.4 on. */
const BLOCKS = { smallestBytes: 8, largestBytes: 512, stepBytes: 8 };
/** An arena has 64 pools; 128 of 3.15 with huge pages. */
const MOST_POOLS = 1024;

const NOTHING: ArenaSizes = {
  arenaCount: 0,
  sizeBytes: 0,
  blockCount: 0,
  usedBytes: 0,
  freeBlockBytes: 0,
  freePoolBytes: 0,
};
const UNUSED: MeasuredArenas = { sizes: NOTHING, poolCount: 0, tornCount: 0 };
const NO_ARENA: MeasuredArenas = { ...UNUSED, tornCount: 1 };

/** Reads the arenas of obmalloc: each pool says at its start how many of its blocks are in use, and in which arena it lies. */
export class ArenaReader {
  readonly #words: HeapWords;
  readonly #layout: Pick<Layout, 'arenas' | 'pool' | 'rules'>;

  constructor(words: HeapWords, layout: Layout) {
    this.#words = words;
    this.#layout = layout;
  }

  /** Measures the arenas of a list from its start on. */
  measure(list: number, from: number, to: number): MeasuredArenas {
    let sum = UNUSED;
    for (let index = from; index < to; index += 1) sum = added(sum, this.#measureOne(list, index));
    return sum;
  }

  /** Where an arena of a list begins, and where it ends. */
  boundsOf(list: number, index: number): { readonly start: number; readonly end: number } {
    const { arenas, rules } = this.#layout;
    const at = list + index * arenas.sizeBytes;
    const start = this.#words.word(at + arenas.address);
    const firstPool = Math.ceil(start / rules.allocator.poolBytes) * rules.allocator.poolBytes;
    const pools = this.#words.half(at + arenas.poolCount) + (firstPool > start ? 1 : 0);
    return { start, end: start + Math.min(pools, MOST_POOLS) * rules.allocator.poolBytes };
  }

  #measureOne(list: number, index: number): MeasuredArenas {
    const { arenas, rules } = this.#layout;
    const { start, end } = this.boundsOf(list, index);
    if (start === 0) return UNUSED;
    const { poolBytes } = rules.allocator;
    const untouched = this.#words.word(list + index * arenas.sizeBytes + arenas.untouched);
    if (start < 0 || untouched < start || untouched > end) return NO_ARENA;
    const firstPool = Math.ceil(start / poolBytes) * poolBytes;
    const arena = { ...NOTHING, arenaCount: 1, sizeBytes: end - start };
    let sum: MeasuredArenas = { sizes: arena, poolCount: 0, tornCount: 0 };
    for (let pool = firstPool; pool < untouched; pool += poolBytes)
      sum = added(sum, this.#measurePool(pool, index));
    const pools = Math.floor((end - firstPool) / poolBytes);
    const freePoolBytes = (pools - sum.poolCount - sum.tornCount) * poolBytes;
    return { ...sum, sizes: { ...sum.sizes, freePoolBytes } };
  }

  #measurePool(at: number, arenaIndex: number): MeasuredArenas {
    const { pool, rules } = this.#layout;
    if (this.#words.half(at + pool.arenaIndex) !== arenaIndex) return NO_ARENA;
    const blockCount = this.#words.half(at + pool.blockCount);
    if (blockCount === 0) return UNUSED;
    const blockBytes = rules.allocator.poolBytes - this.#words.half(at + pool.lastOffset);
    const blocks = Math.floor((rules.allocator.poolBytes - pool.headBytes) / blockBytes);
    if (!isBlockSize(blockBytes) || blockCount > blocks) return NO_ARENA;
    const usedBytes = blockCount * blockBytes;
    const freeBlockBytes = (blocks - blockCount) * blockBytes;
    return { sizes: { ...NOTHING, blockCount, usedBytes, freeBlockBytes }, poolCount: 1, tornCount: 0 };
  }
}

function isBlockSize(bytes: number): boolean {
  return bytes >= BLOCKS.smallestBytes && bytes <= BLOCKS.largestBytes && bytes % BLOCKS.stepBytes === 0;
}

function added(a: MeasuredArenas, b: MeasuredArenas): MeasuredArenas {
  return {
    sizes: {
      arenaCount: a.sizes.arenaCount + b.sizes.arenaCount,
      sizeBytes: a.sizes.sizeBytes + b.sizes.sizeBytes,
      blockCount: a.sizes.blockCount + b.sizes.blockCount,
      usedBytes: a.sizes.usedBytes + b.sizes.usedBytes,
      freeBlockBytes: a.sizes.freeBlockBytes + b.sizes.freeBlockBytes,
      freePoolBytes: a.sizes.freePoolBytes + b.sizes.freePoolBytes,
    },
    poolCount: a.poolCount + b.poolCount,
    tornCount: a.tornCount + b.tornCount,
  };
}
