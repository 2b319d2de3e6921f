import { functionOf } from './by-function.ts';
import { FrameTable } from './frame-table.ts';
import type { ProfileFrame } from './profile.ts';
import { EMPTY_STACK } from './stack-tree.ts';
import type { Weight, WeightedTree } from './weighted-tree.ts';

/** A function, or one of its lines, with all that was seen of it. */
export interface FunctionRow {
  /** Of a function without a line. */
  readonly frame: ProfileFrame;
  /** When it was the innermost call. */
  readonly own: Weight;
  /** When it was anywhere in the stack; a stack that holds it several times counts once. */
  readonly total: Weight;
}

/** The functions of a profile, those with the most looks of their own first. */
export function functionRows(tree: WeightedTree): readonly FunctionRow[] {
  return rowsBy(tree, functionOf);
}

/** The lines of the functions of a profile, those with the most looks of their own first. */
export function lineRows(tree: WeightedTree): readonly FunctionRow[] {
  return rowsBy(tree, (frame) => frame);
}

/** How many of the calls of a stack are of each row, while a walk is at that stack. */
interface Path {
  readonly rows: number[];
  readonly counts: Uint32Array;
}

function rowsBy(tree: WeightedTree, rowOf: (frame: ProfileFrame) => ProfileFrame): readonly FunctionRow[] {
  const table = new FrameTable();
  const rows = tree.frames.map((frame) => table.indexOf(rowOf(frame)));
  const own = table.frames.map(() => ({ looks: 0, ns: 0 }));
  const total = table.frames.map(() => ({ looks: 0, ns: 0 }));
  const path: Path = { rows: [], counts: new Uint32Array(rows.length) };
  for (const { stack, depth } of tree.walk()) {
    if (stack === EMPTY_STACK) continue;
    leave(path, depth - 1);
    const row = rows[tree.stacks.frames[stack] ?? 0] ?? 0;
    add(own[row], tree.own(stack));
    if (path.counts[row] === 0) add(total[row], tree.total(stack));
    path.rows.push(row);
    path.counts[row] = (path.counts[row] ?? 0) + 1;
  }
  return table.frames
    .flatMap((frame, row) => {
      const [ownWeight, totalWeight] = [own[row], total[row]];
      if (ownWeight === undefined || totalWeight === undefined || totalWeight.looks === 0) return [];
      return [{ frame, own: ownWeight, total: totalWeight }];
    })
    .sort((one, other) => other.own.looks - one.own.looks || other.total.looks - one.total.looks);
}

function leave({ rows, counts }: Path, depth: number): void {
  while (rows.length > depth) {
    const row = rows.pop() ?? 0;
    counts[row] = (counts[row] ?? 0) - 1;
  }
}

function add(sum: { looks: number; ns: number } | undefined, { looks, ns }: Weight): void {
  if (sum === undefined) return;
  sum.looks += looks;
  sum.ns += ns;
}
