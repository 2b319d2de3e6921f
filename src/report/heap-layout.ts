import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes, formatCount, formatShare } from '../base/quantities.ts';
import type { HeapComparison, TypeChange } from '../model/heap-comparison.ts';
import type { HeapFigures, HeapSummary, MemoryKind, MemoryUse, TypeUsage } from '../model/heap-summary.ts';
import { arenaLines } from './arena-layout.ts';
import { displayWidth } from './display-width.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

/** Which types are shown, and how. */
export interface HeapManner {
  /** How many; all when it is infinite. */
  readonly limit: number;
  /** The largest first, or those that grew most; or the other way round. */
  readonly order: 'descending' | 'ascending';
  readonly style: Style;
  /** Width of the terminal; nothing is cut without it. */
  readonly width: number | undefined;
}

const KIND_WORDS: Readonly<Record<MemoryKind, string>> = {
  heap: 'malloc ([heap])',
  anonymous: 'allocators, anonymous',
  stacks: 'stacks of threads',
  files: 'mapped files',
  shared: 'shared with others',
  kernel: "the kernel's",
};
/** Marks a type that is measured without what its objects keep elsewhere. */
const STRUCT_ONLY = '*';

/** Renders the objects by type, below them what memory the process has. */
export function* heapSummaryLines(summary: HeapSummary, manner: HeapManner): Generator<string> {
  const { types, objectCount, sizeBytes } = summary;
  const shown = chosen(types, manner);
  const total = { typeName: 'total', count: objectCount, sizeBytes, isStructOnly: false };
  yield* pipedTable(
    [...shown, total].map((type) => [
      `${type.typeName}${type.isStructOnly ? STRUCT_ONLY : ''}`,
      `${type.count}`,
      sizeCell(type.sizeBytes),
      formatShare(type.sizeBytes, sizeBytes),
    ]),
    ['types', '# objects', 'total size', 'share'],
    manner,
  );
  if (shown.length < types.length) yield `${shown.length} of ${types.length} types`;
  if (shown.some(({ isStructOnly }) => isStructOnly)) yield `${STRUCT_ONLY} without what they keep elsewhere`;
  if (summary.memory !== undefined) yield* memoryLines(summary.memory, manner);
  yield '';
  yield* arenaLines(summary.arenas, manner);
}

function* memoryLines(memory: readonly MemoryUse[], { style, width }: HeapManner): Generator<string> {
  const sum = (sizeOf: (use: MemoryUse) => number) => memory.reduce((all, use) => all + sizeOf(use), 0);
  const total = {
    words: 'all',
    sizeBytes: sum((use) => use.sizeBytes),
    residentBytes: sum((use) => use.residentBytes),
    swappedBytes: sum((use) => use.swappedBytes),
  };
  yield '';
  const sizes = (heading: string, importance: number, sizeOf: (use: typeof total) => number) => ({
    heading,
    importance,
    isRightAligned: true,
    format: (use: typeof total) => formatBytes(sizeOf(use)),
  });
  yield* tableLines([...memory.map((use) => ({ ...use, words: KIND_WORDS[use.kind] })), total], {
    columns: [
      sizes('RESIDENT', 3, (use) => use.residentBytes),
      sizes('SWAPPED', 1, (use) => use.swappedBytes),
      sizes('MAPPED', 2, (use) => use.sizeBytes),
    ],
    last: { heading: 'MEMORY', narrowest: 21, format: ({ words }) => words },
    style,
    width,
  });
}

/** Renders what became of the objects between two times. */
export function* heapComparisonLines(comparison: HeapComparison, manner: HeapManner): Generator<string> {
  const { before, after, types } = comparison;
  const shown = chosen(types, manner);
  const total: TypeChange = {
    typeName: 'total',
    countChange: after.objectCount - before.objectCount,
    sizeChange: after.sizeBytes - before.sizeBytes,
    count: after.objectCount,
    sizeBytes: after.sizeBytes,
  };
  yield* pipedTable(
    [...shown, total].map((type) => [
      type.typeName,
      signed(type.countChange, String),
      signed(type.sizeChange, sizeCell),
      sizeCell(type.sizeBytes),
    ]),
    ['types', '# objects', 'total size', 'now'],
    manner,
    (row) => growthMark(shown[row], manner.style),
  );
  if (shown.length < types.length) yield `${shown.length} of ${types.length} types that changed`;
  yield residentLine(comparison);
}

function residentLine({ before, after }: HeapComparison): string {
  if (before.residentBytes === undefined || after.residentBytes === undefined) return timesOf(before, after);
  const change = after.residentBytes - before.residentBytes;
  const now = formatBytes(after.residentBytes);
  const became = change === 0 ? `${now} as before` : `${signed(change, formatBytes)} to ${now}`;
  return `${timesOf(before, after)}; resident memory ${became}`;
}

function timesOf(before: HeapFigures, after: HeapFigures): string {
  const seconds = (Date.parse(after.takenAt) - Date.parse(before.takenAt)) / 1000;
  const times =
    seconds < 0
      ? `the second was taken ${formatCount(-seconds)} s before`
      : `within ${formatCount(seconds)} s`;
  return before.pid === after.pid ? times : `${times}, of processes ${before.pid} and ${after.pid}`;
}

function growthMark(change: TypeChange | undefined, style: Style): string {
  const isGrowth = change !== undefined && change.sizeChange > 0 && change.countChange > 0;
  return isGrowth ? style.red(' grew') : '';
}

function signed(value: number, format: (size: number) => string): string {
  return value === 0 ? format(0) : `${value > 0 ? '+' : '-'}${format(Math.abs(value)).trimStart()}`;
}

function chosen<Type extends TypeUsage | TypeChange>(
  types: readonly Type[],
  { limit, order }: HeapManner,
): readonly Type[] {
  return (order === 'descending' ? types : types.toReversed()).slice(0, limit);
}

const UNITS = ['KB', 'MB', 'GB', 'TB'];

/** As pympler writes sizes, so that the units stand below each other. */
function sizeCell(bytes: number): string {
  if (bytes < 1024) return `${bytes}     B`;
  const power = Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), UNITS.length);
  return `${(bytes / 1024 ** power).toFixed(2)} ${UNITS[power - 1] ?? ''}`;
}

const BETWEEN = ' | ';
const NARROWEST_NAME = 12;

/** Columns with `|` between them, as pympler draws them. A narrow terminal gets no last column, and the ends of names. */
function* pipedTable(
  rows: readonly (readonly string[])[],
  headings: readonly string[],
  { style, width }: HeapManner,
  markOf: (row: number) => string = () => '',
): Generator<string> {
  const all = headings.slice(1).map((_, at) => widest([headings, ...rows], at + 1));
  const fits = width === undefined || NARROWEST_NAME + cellsOf(all) <= width;
  const others = fits ? all : all.slice(0, -1);
  const room = width === undefined ? undefined : Math.max(NARROWEST_NAME, width - cellsOf(others));
  const names = rows.map(([name = '']) => cut(escapeForTerminal(name), room));
  const widths = [widest([headings, ...names.map((name) => [name])], 0), ...others];
  const line = (cells: readonly string[]) =>
    widths.map((cell, at) => padded(cells[at] ?? '', cell)).join(BETWEEN);
  yield style.bold(line(headings));
  yield widths.map((cells) => '='.repeat(cells)).join(BETWEEN);
  for (const [at, [, ...cells]] of rows.entries()) yield `${line([names[at] ?? '', ...cells])}${markOf(at)}`;
}

function cellsOf(widths: readonly number[]): number {
  return widths.reduce((sum, cells) => sum + cells + BETWEEN.length, 0);
}

function padded(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - displayWidth(text))) + text;
}

function widest(rows: readonly (readonly string[])[], at: number): number {
  return Math.max(...rows.map((row) => displayWidth(row[at] ?? '')));
}

/** The end of a long name says more than its beginning. */
function cut(name: string, room: number | undefined): string {
  if (room === undefined || displayWidth(name) <= room) return name;
  return `…${[...name].slice(1 - room).join('')}`;
}
