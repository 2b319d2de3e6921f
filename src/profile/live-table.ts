import { byTask } from './by-task.ts';
import { type FrameFilter, filterFrames } from './filter-frames.ts';
import { FrameTable } from './frame-table.ts';
import { type FunctionRow, functionRows, lineRows } from './function-table.ts';
import type { Profile, ProfileFrame } from './profile.ts';
import { type Weight, WeightedTree } from './weighted-tree.ts';

/** A function, or one of its lines, with what was seen of it lately and altogether. */
export interface LiveRow {
  readonly frame: ProfileFrame;
  readonly recent: LiveWeights;
  readonly whole: LiveWeights;
}

/** What was seen of a function when it was the innermost call, and when it was anywhere in the stack. */
interface LiveWeights {
  readonly own: Weight;
  readonly total: Weight;
}

/** Which rows there are to be. */
export interface LiveChoice {
  /** Functions in the place of lines. */
  readonly byFunction: boolean;
  /** The index of the only thread that counts; all do without it. */
  readonly thread: number | undefined;
  /** Tasks in the place of functions or lines; there are some in a profile by task. */
  readonly byTask?: boolean;
  /** Only what comes through it. */
  readonly filter?: FrameFilter;
}

/** By what rows are sorted. */
export type LiveSort = 'own' | 'total' | 'ownTime' | 'totalTime';

const NOTHING: LiveWeights = { own: { looks: 0, ns: 0 }, total: { looks: 0, ns: 0 } };

/** The functions or lines of a profile, with what was seen of them in one of a part of its time. */
export function liveRows(
  { recent, whole }: { readonly recent: Profile; readonly whole: Profile },
  choice: LiveChoice,
): readonly LiveRow[] {
  const table = new FrameTable();
  const lately = new Map(rowsOf(recent, choice).map((row) => [table.indexOf(row.frame), row] as const));
  return rowsOf(whole, choice).map((row) => ({
    frame: row.frame,
    recent: lately.get(table.indexOf(row.frame)) ?? NOTHING,
    whole: row,
  }));
}

/** Sorts rows, the greatest first; those that are alike by the time that was seen of them altogether. */
export function sortedRows(rows: readonly LiveRow[], sort: LiveSort): readonly LiveRow[] {
  const value = SORT_VALUES[sort];
  return [...rows].sort(
    (one, other) =>
      value(other) - value(one) ||
      other.whole.own.ns - one.whole.own.ns ||
      other.whole.total.ns - one.whole.total.ns,
  );
}

const SORT_VALUES: Readonly<Record<LiveSort, (row: LiveRow) => number>> = {
  own: ({ recent }) => recent.own.ns,
  total: ({ recent }) => recent.total.ns,
  ownTime: ({ whole }) => whole.own.ns,
  totalTime: ({ whole }) => whole.total.ns,
};

function rowsOf(profile: Profile, choice: LiveChoice): readonly FunctionRow[] {
  const { byFunction, thread, filter } = choice;
  const isWanted = thread === undefined ? undefined : (index: number): boolean => index === thread;
  const filtered = filter === undefined ? profile : filterFrames(profile, filter);
  const tree = new WeightedTree(choice.byTask === true ? byTask(filtered) : filtered, isWanted);
  return byFunction ? functionRows(tree) : lineRows(tree);
}
