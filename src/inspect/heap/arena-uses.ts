import { readArenaLists } from '../../cpython/allocator/arena-lists.ts';
import { ArenaReader, type MeasuredArenas } from '../../cpython/allocator/arenas.ts';
import type { HeapWords } from '../../cpython/collector/heap-words.ts';
import type { ArenaUse, ArenaUses } from '../../model/heap-summary.ts';
import type { Problem } from '../../model/problem.ts';
import type { Target } from '../../target/target.ts';

/** The arenas of a process, and what made no sense of them. */
export interface FoundArenas {
  readonly uses: ArenaUses;
  readonly problems: readonly Problem[];
}

/** Measures the arenas in which obmalloc keeps small objects, and what of them is free. */
export function readArenaUses(target: Target, words: HeapWords): FoundArenas {
  const { memory, runtime } = target;
  const lists = readArenaLists(memory, runtime, { variables: target.arenaVariables(), words });
  if (lists === undefined)
    return unknown(
      'no symbol says where they are, and none were found; with PYTHONMALLOC=malloc there are none',
    );
  const reader = new ArenaReader(words, runtime.layout);
  const allocators: ArenaUse[] = [];
  let tornCount = 0;
  for (const { interpreterIds, list, length } of lists) {
    const measured = reader.measure(list, 0, length);
    if (isNonsense(measured)) return unknown('what should be a list of them does not hold together');
    tornCount += measured.tornCount;
    if (measured.sizes.arenaCount > 0) allocators.push({ interpreterIds, ...measured.sizes });
  }
  return { uses: { kind: 'known', allocators }, problems: tornProblems(tornCount) };
}

/** In memory that changes a pool may be read while it is made; most of them are not. */
function isNonsense({ poolCount, tornCount }: MeasuredArenas): boolean {
  return tornCount > poolCount;
}

function unknown(reason: string): FoundArenas {
  return { uses: { kind: 'unknown', reason }, problems: [] };
}

function tornProblems(tornCount: number): readonly Problem[] {
  const message = `${tornCount} pools of the arenas made no sense; they count neither as used nor as free`;
  return tornCount === 0 ? [] : [{ kind: 'torn-heap', message }];
}
