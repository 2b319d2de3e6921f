import type { Problem } from './problem.ts';
import type { ProcessFacts } from './snapshot.ts';

/** The objects of one type. */
export interface TypeUsage {
  /** As the repr of an instance shows it: `shop.cart.Cart`, `list`. */
  readonly typeName: string;
  readonly count: number;
  /** What they take together, each as `sys.getsizeof` counts it. */
  readonly sizeBytes: number;
  /** Its own `__sizeof__` is not known, so that its objects count without what they keep elsewhere. */
  readonly isStructOnly: boolean;
}

/** What a stretch of memory is for. */
export type MemoryKind = 'heap' | 'anonymous' | 'stacks' | 'files' | 'shared' | 'kernel';

/** The mappings of one kind. */
export interface MemoryUse {
  readonly kind: MemoryKind;
  readonly mappingCount: number;
  /** Of the address space. */
  readonly sizeBytes: number;
  /** In memory at the time. */
  readonly residentBytes: number;
  readonly swappedBytes: number;
}

/** What arenas take, and what of it is free. */
export interface ArenaSizes {
  readonly arenaCount: number;
  /** Of the arenas as a whole. */
  readonly sizeBytes: number;
  /** Blocks that somebody has: objects, and tables of theirs that are small. */
  readonly blockCount: number;
  readonly usedBytes: number;
  /** Free blocks of pools that have others in use: for objects of the same size. */
  readonly freeBlockBytes: number;
  /** Pools of which nothing is in use. */
  readonly freePoolBytes: number;
}

/** What an allocator of small objects, obmalloc, has of memory. */
export interface ArenaUse extends ArenaSizes {
  /** The interpreters that it serves; `undefined` when it serves all. */
  readonly interpreterIds: readonly number[] | undefined;
}

/** The arenas of each allocator, or why they are not known. */
export type ArenaUses =
  | { readonly kind: 'known'; readonly allocators: readonly ArenaUse[] }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What the objects of a process take at one time: all that is needed to compare it with another time. */
export interface HeapFigures {
  readonly takenAt: string;
  readonly pid: number;
  /** The largest first. */
  readonly types: readonly TypeUsage[];
  readonly objectCount: number;
  readonly sizeBytes: number;
  /** RSS; `undefined` where it is not known. */
  readonly residentBytes: number | undefined;
  /** By the interpreter itself, which finds fewer of the objects; `undefined` in a file of who did not tell. */
  readonly isCountedInside: boolean | undefined;
}

/** The objects of a process by type, and what memory it has besides. */
export interface HeapSummary extends HeapFigures {
  readonly process: ProcessFacts;
  /** How long the process stood still; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
  /** How many of the objects the collector tracks. */
  readonly trackedCount: number;
  /** What the kernel says of its memory; `undefined` for a process that is gone, and where it does not. */
  readonly memory: readonly MemoryUse[] | undefined;
  readonly arenas: ArenaUses;
  readonly problems: readonly Problem[];
}
