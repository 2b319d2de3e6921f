import { toAddress } from '../../base/address.ts';
import type { HeapKind } from '../../cpython/collector/heap-objects.ts';
import { HeapWords } from '../../cpython/collector/heap-words.ts';
import { itemCountOf } from '../../cpython/collector/item-counts.ts';
import { walkTracked } from '../../cpython/collector/tracked-objects.ts';
import type { LargeObject, LargestObjects } from '../../model/holding-chain.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import type { Target } from '../../target/target.ts';
import { askOfHeap, brokenListProblems, collectionProblems } from './heap-copy.ts';
import { listHeads } from './list-heads.ts';
import type { ReferrerSearch } from './referrers.ts';
import { RootedReach, UNHELD } from './rooted-reach.ts';

/** How many objects are told. */
export interface LargestOptions {
  /** 10 when left out. */
  readonly limit?: number;
  /** Stop the target's threads while its heap is copied (the default). */
  readonly pause?: boolean;
}

const DEFAULT_LIMIT = 10;

/**
 * Finds the objects that take most by themselves, each with the shortest way to it.
 * @throws {NotKeptError} for a CPython whose collector has no lists
 */
export function takeLargest(target: LiveTarget, { limit, pause }: LargestOptions = {}): LargestObjects {
  const words = new HeapWords(target.memory);
  return askOfHeap(target, {
    words,
    pause,
    read: (isMoving) => readLargest(target, { words, isMoving }, limit),
  });
}

/** The same of a process that is gone, from its core file. */
export function takeCoreLargest(
  target: Target,
  { limit }: Omit<LargestOptions, 'pause'> = {},
): LargestObjects {
  return readLargest(target, { words: new HeapWords(target.memory), isMoving: false }, limit);
}

function readLargest(
  target: Target,
  reading: Omit<ReferrerSearch, 'heads'>,
  limit = DEFAULT_LIMIT,
): LargestObjects {
  const takenAt = target.now().toISOString();
  const search = { ...reading, heads: listHeads(target) };
  const largest = new Largest(limit);
  const reach = new RootedReach(target, search.words, ({ heap }) => ({
    onReached: (object, kind, holder) => {
      const measured = heap.measure(object, kind);
      const sizeBytes = Number.isNaN(measured) ? kind.type.basicSize : measured;
      if (largest.count(sizeBytes)) largest.keep({ object, kind, holder, sizeBytes });
      return false;
    },
  }));
  reach.run();
  const walk = goToOthers(target, reach, search);
  return {
    process: target.facts,
    takenAt,
    pauseNs: undefined,
    objects: largest.objects.map((found) => describe(target, found, { reach, words: search.words })),
    objectCount: largest.objectCount,
    sizeBytes: largest.sizeBytes,
    problems: [...brokenListProblems(walk), ...collectionProblems(target)],
  };
}

/** Goes on with what the collector has besides, and what that holds. */
function goToOthers(
  { objects, runtime }: Target,
  reach: RootedReach,
  search: ReferrerSearch,
): ReturnType<typeof walkTracked> {
  const source = { ...search, layout: runtime.layout, flags: objects.flags };
  return walkTracked(source, search.heads, (object) => {
    if (!reach.has(object)) reach.goOnFrom(UNHELD, object);
  });
}

interface Found {
  readonly object: number;
  readonly kind: HeapKind;
  readonly holder: number;
  readonly sizeBytes: number;
}

function describe(
  { runtime: { layout } }: Target,
  { object, kind, holder, sizeBytes }: Found,
  { reach, words }: { readonly reach: RootedReach; readonly words: HeapWords },
): LargeObject {
  const { type, isStructOnly } = kind;
  return {
    typeName: type.fullName,
    address: toAddress(object),
    sizeBytes,
    isStructOnly,
    itemCount: itemCountOf({ words, layout }, object, type),
    chain: reach.chainTo(object, holder),
  };
}

/** The largest of many objects, and what all take. */
class Largest {
  readonly #limit: number;
  #kept: Found[] = [];
  /** What is not larger than this is none of the largest. */
  #leastBytes = 0;
  objectCount = 0;
  sizeBytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The largest first. */
  get objects(): readonly Found[] {
    return this.#kept.toSorted((a, b) => b.sizeBytes - a.sizeBytes).slice(0, this.#limit);
  }

  /** Counts an object; answers whether it may be one of the largest. */
  count(sizeBytes: number): boolean {
    this.objectCount += 1;
    this.sizeBytes += sizeBytes;
    return sizeBytes > this.#leastBytes;
  }

  keep(found: Found): void {
    this.#kept.push(found);
    // Sorted seldom, so that a long list costs little.
    if (this.#kept.length < 2 * this.#limit + SORTED_AFTER) return;
    this.#kept = [...this.objects];
    if (this.#kept.length === this.#limit) this.#leastBytes = this.#kept.at(-1)?.sizeBytes ?? 0;
  }
}

const SORTED_AFTER = 100;
