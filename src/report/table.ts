import { displayWidth } from './display-width.ts';
import type { Style } from './style.ts';

/** A column of a table, but for the last one, which takes what is left. */
export interface Column<Row> {
  readonly heading: string;
  readonly isRightAligned: boolean;
  /** On a narrow terminal columns are left out, the lowest first. */
  readonly importance: number;
  readonly format: (row: Row, index: number) => string;
}

/** A table, and where it is to fit. */
export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  /** The last column; it is told how many cells are left, `undefined` where nothing is cut. */
  readonly last: {
    readonly heading: string;
    /** Below this another column is left out before. */
    readonly narrowest: number;
    readonly format: (row: Row, width: number | undefined) => string;
  };
  readonly style: Style;
  /** Width of the terminal; nothing is cut or left out without it. */
  readonly width: number | undefined;
}

const GAP = '  ';

/** Renders a table, a line for each row below its headings, which fits the terminal where there is one. */
export function* tableLines<Row>(rows: readonly Row[], table: Table<Row>): Generator<string> {
  const { last, style, width } = table;
  const shown = fittingColumns(rows, table);
  const lastWidth = width === undefined ? undefined : Math.max(width - totalWidth(shown), 0);
  const line = (cells: readonly string[], end: string): string =>
    [...cells.map((cell, index) => pad(cell, shown[index])), end].join(GAP).trimEnd();
  const headings = shown.map(({ column }) => column.heading);
  yield style.bold(line(headings, last.heading));
  for (const [index, row] of rows.entries())
    yield line(
      shown.map(({ column }) => column.format(row, index)),
      last.format(row, lastWidth),
    );
}

interface MeasuredColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

function fittingColumns<Row>(
  rows: readonly Row[],
  { columns, last, width }: Table<Row>,
): readonly MeasuredColumn<Row>[] {
  let shown: readonly MeasuredColumn<Row>[] = columns.map((column) => ({
    column,
    width: Math.max(
      column.heading.length,
      ...rows.map((row, index) => displayWidth(column.format(row, index))),
    ),
  }));
  const atLeast = Math.min(last.narrowest, (width ?? 0) / 2);
  while (width !== undefined && shown.length > 1 && totalWidth(shown) + atLeast > width) {
    const least = Math.min(...shown.map(({ column }) => column.importance));
    shown = shown.filter(({ column }) => column.importance !== least);
  }
  return shown;
}

/** Cells that the columns take with the gap after each. */
function totalWidth<Row>(shown: readonly MeasuredColumn<Row>[]): number {
  return shown.reduce((sum, { width }) => sum + width + GAP.length, 0);
}

function pad<Row>(text: string, measured: MeasuredColumn<Row> | undefined): string {
  const blanks = ' '.repeat(Math.max(0, (measured?.width ?? 0) - displayWidth(text)));
  return measured?.column.isRightAligned === true ? blanks + text : text + blanks;
}
