import { lineRows } from './function-table.ts';
import type { WeightedTree } from './weighted-tree.ts';

/** A line of a source file with what was seen of it. */
export interface HotLine {
  readonly line: number;
  readonly own: number;
  /** With what it called. */
  readonly total: number;
}

/** A source file with the lines where something was seen, in their order. */
export interface HotFile {
  readonly file: string;
  readonly own: number;
  readonly lines: readonly HotLine[];
}

/** The Python files of a profile with their lines, those where most was seen first. */
export function hotFiles(tree: WeightedTree): readonly HotFile[] {
  const files = new Map<string, Map<number, { line: number; own: number; total: number }>>();
  for (const { frame, own, total } of lineRows(tree)) {
    if (frame.kind !== 'python' || frame.line === 0) continue;
    const lines = files.get(frame.file) ?? new Map<number, { line: number; own: number; total: number }>();
    files.set(frame.file, lines);
    const sum = lines.get(frame.line) ?? { line: frame.line, own: 0, total: 0 };
    lines.set(frame.line, sum);
    sum.own += own.looks;
    sum.total += total.looks;
  }
  return [...files]
    .map(([file, lines]) => ({
      file,
      own: [...lines.values()].reduce((sum, { own }) => sum + own, 0),
      lines: [...lines.values()].sort((one, other) => one.line - other.line),
    }))
    .sort((one, other) => other.own - one.own);
}
