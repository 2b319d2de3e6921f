import type { HeapFigures } from './heap-summary.ts';

/** What became of the objects of one type. */
export interface TypeChange {
  readonly typeName: string;
  readonly countChange: number;
  readonly sizeChange: number;
  /** What there is at the end. */
  readonly count: number;
  readonly sizeBytes: number;
}

/** The objects of a process at two times. */
export interface HeapComparison {
  readonly before: HeapFigures;
  readonly after: HeapFigures;
  /** The types of which something changed; those that grew most first. */
  readonly types: readonly TypeChange[];
}

const NONE = { count: 0, sizeBytes: 0 };

/** Compares the objects at two times, type by type. */
export function compareHeaps(before: HeapFigures, after: HeapFigures): HeapComparison {
  const earlier = new Map(before.types.map((type) => [type.typeName, type]));
  const later = new Map(after.types.map((type) => [type.typeName, type]));
  const types = [...new Set([...earlier.keys(), ...later.keys()])].map((typeName) => {
    const [was, is] = [earlier.get(typeName) ?? NONE, later.get(typeName) ?? NONE];
    return {
      typeName,
      countChange: is.count - was.count,
      sizeChange: is.sizeBytes - was.sizeBytes,
      count: is.count,
      sizeBytes: is.sizeBytes,
    };
  });
  const changed = types.filter(({ countChange, sizeChange }) => countChange !== 0 || sizeChange !== 0);
  return { before, after, types: changed.toSorted(byGrowth) };
}

function byGrowth(left: TypeChange, right: TypeChange): number {
  const difference = right.sizeChange - left.sizeChange || right.countChange - left.countChange;
  return difference || (left.typeName < right.typeName ? -1 : 1);
}
