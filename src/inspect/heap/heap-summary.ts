import { type CountedType, countObjects } from '../../cpython/collector/heap-census.ts';
import { HeapWords } from '../../cpython/collector/heap-words.ts';
import type { HeapSummary, TypeUsage } from '../../model/heap-summary.ts';
import type { ObjectCensus } from '../../model/object-census.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import type { Target } from '../../target/target.ts';
import { frameBindings } from '../frame-bindings.ts';
import { type FoundArenas, readArenaUses } from './arena-uses.ts';
import { askOfHeap, brokenListProblems, collectionProblems } from './heap-copy.ts';
import { listHeads } from './list-heads.ts';
import { readMemoryUses } from './memory-uses.ts';

/** How the objects of a process are counted. */
export interface HeapSummaryOptions {
  /** Stop the target's threads while its heap is copied (the default). */
  readonly pause?: boolean;
}

/** What is kept of a heap at a time; of a larger one some is read again, so that we stay small ourselves. */
const MOST_KEPT_BYTES = 384 << 20;

/**
 * Counts the objects of a process by type, and measures them: those that its collector tracks, and what they hold.
 * @throws {NotKeptError} for a CPython whose collector has no lists
 */
export function takeHeapSummary(target: LiveTarget, { pause }: HeapSummaryOptions = {}): HeapSummary {
  const words = new HeapWords(target.memory, MOST_KEPT_BYTES);
  return askOfHeap(target, { words, pause, read: (isMoving) => readHeapSummary(target, words, isMoving) });
}

/** The same of a process that is gone, from its core file. */
export function takeCoreHeapSummary(target: Target): HeapSummary {
  return readHeapSummary(target, new HeapWords(target.memory, MOST_KEPT_BYTES), false);
}

function readHeapSummary(target: Target, words: HeapWords, isMoving: boolean): HeapSummary {
  const takenAt = target.now().toISOString();
  const { objects } = target;
  const heads = listHeads(target);
  const roots = [...frameBindings(target)].map(({ object }) => object);
  // What it reads of the memory of small objects is wanted next.
  const arenas = readArenaUses(target, words);
  const source = { objects, words, heads, roots, writable: target.writableMemory(), isMoving };
  const { types: counted, trackedCount, brokenCount, tornCount } = countObjects(source);
  const types = usagesOf(counted);
  const problems = [
    ...brokenListProblems({ count: trackedCount, brokenCount }),
    ...tornProblems(tornCount),
    ...collectionProblems(target),
  ];
  return summaryOf(target, arenas, { takenAt, types, trackedCount, problems, isCountedInside: false });
}

/** Says of what the interpreter in a process has counted what is said of what was counted from outside. */
export function summaryOfCensus(target: LiveTarget, { types, trackedCount }: ObjectCensus): HeapSummary {
  const arenas = readArenaUses(target, new HeapWords(target.memory, MOST_KEPT_BYTES));
  const takenAt = target.now().toISOString();
  return summaryOf(target, arenas, { takenAt, types, trackedCount, problems: [], isCountedInside: true });
}

function summaryOf(
  target: Target,
  arenas: FoundArenas,
  {
    types,
    problems,
    ...counted
  }: Pick<HeapSummary, 'takenAt' | 'types' | 'trackedCount' | 'problems' | 'isCountedInside'>,
): HeapSummary {
  const uses = readMemoryUses(target);
  return {
    ...counted,
    process: target.facts,
    pid: target.facts.pid,
    pauseNs: undefined,
    types,
    objectCount: types.reduce((sum, { count }) => sum + count, 0),
    sizeBytes: types.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    residentBytes: uses?.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    memory: uses,
    arenas: arenas.uses,
    problems: [...problems, ...arenas.problems],
  };
}

/** By name, as a class that was made twice is one to who reads of it; the largest first. */
function usagesOf(counted: readonly CountedType[]): readonly TypeUsage[] {
  const usages = new Map<string, TypeUsage>();
  for (const { type, count, sizeBytes, isStructOnly } of counted) {
    const typeName = type.fullName;
    const known = usages.get(typeName);
    usages.set(typeName, {
      typeName,
      count: count + (known?.count ?? 0),
      sizeBytes: sizeBytes + (known?.sizeBytes ?? 0),
      isStructOnly: isStructOnly || known?.isStructOnly === true,
    });
  }
  return [...usages.values()].toSorted((a, b) => b.sizeBytes - a.sizeBytes || b.count - a.count);
}

function tornProblems(tornCount: number): HeapSummary['problems'] {
  const message =
    tornCount === 1
      ? 'The size of one object made no sense; it counts without what it keeps elsewhere'
      : `The sizes of ${tornCount} objects made no sense; they count without what they keep elsewhere`;
  return tornCount === 0 ? [] : [{ kind: 'torn-heap', message }];
}
