/** Lines around a change that are shown with it. */
const CONTEXT_LINES = 3;
/** Of more pairs than that nothing is compared one by one. */
const MOST_PAIRS = 4_000_000;

/** A line of one text or of both. */
interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** Where texts begin, so that the numbers in a diff are those of their files. */
export interface DiffStart {
  readonly before: number;
  readonly after: number;
}

/** Compares two texts and yields a unified diff, from its first `@@` on; nothing when they are the same. */
export function* unifiedDiff(before: string, after: string, start: DiffStart): Generator<string> {
  const lines = compareLines(before.split('\n'), after.split('\n'));
  for (const { from, to } of hunksOf(lines)) {
    const head = lines.slice(0, from);
    const hunk = lines.slice(from, to);
    const old = rangeWords(start.before + count(head, '+'), count(hunk, '+'));
    const young = rangeWords(start.after + count(head, '-'), count(hunk, '-'));
    yield `@@ -${old} +${young} @@`;
    for (const { mark, text } of hunk) yield `${mark}${text}`;
  }
}

/** How many lines do not have this mark. */
function count(lines: readonly DiffLine[], without: DiffLine['mark']): number {
  return lines.filter(({ mark }) => mark !== without).length;
}

function rangeWords(line: number, length: number): string {
  return length === 1 ? `${line}` : `${length === 0 ? line - 1 : line},${length}`;
}

/** Stretches of lines around what differs, as indices. */
function hunksOf(lines: readonly DiffLine[]): readonly { readonly from: number; readonly to: number }[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    const from = Math.max(index - CONTEXT_LINES, 0);
    const to = Math.min(index + 1 + CONTEXT_LINES, lines.length);
    const last = hunks.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks;
}

function compareLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const longest = Math.min(before.length, after.length) - head;
  while (tail < longest && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...before.slice(0, head).map(lineOf(' ')),
    ...compareMiddles(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(lineOf(' ')),
  ];
}

function lineOf(mark: DiffLine['mark']): (text: string) => DiffLine {
  return (text) => ({ mark, text });
}

/** By the longest common subsequence, whose length for all ends of both texts is in a table. */
function compareMiddles(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  if (before.length * after.length > MOST_PAIRS)
    return [...before.map(lineOf('-')), ...after.map(lineOf('+'))];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  return walkTable(before, after, at);
}

function walkTable(
  before: readonly string[],
  after: readonly string[],
  at: (row: number, column: number) => number,
): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  for (;;) {
    const [old, young] = [before[row], after[column]];
    if (old === undefined && young === undefined) return lines;
    if (old !== undefined && old === young) {
      lines.push({ mark: ' ', text: old });
      row += 1;
      column += 1;
    } else if (old !== undefined && (young === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ mark: '-', text: old });
      row += 1;
    } else {
      lines.push({ mark: '+', text: young ?? '' });
      column += 1;
    }
  }
}
