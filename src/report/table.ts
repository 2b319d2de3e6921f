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
  const shown = shownColumns(rows, table);
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

/** A column as wide as it is going to be, with the gap beside it. */
export interface MeasuredColumn {
  readonly width: number;
  /** On a narrow terminal columns are left out, the lowest first. */
  readonly importance: number;
}

/** Leaves out columns until the others fit into so many cells; one stays at any rate. */
export function fittingColumns<Measured extends MeasuredColumn>(
  columns: readonly Measured[],
  room: number | undefined,
): readonly Measured[] {
  let shown = columns;
  while (room !== undefined && shown.length > 1 && totalWidth(shown) > room) {
    const least = Math.min(...shown.map(({ importance }) => importance));
    shown = shown.filter(({ importance }) => importance !== least);
  }
  return shown;
}

/** Cells that columns take, the gaps beside them included. */
export function totalWidth(columns: readonly MeasuredColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

interface TableColumn<Row> extends MeasuredColumn {
  readonly column: Column<Row>;
}

function shownColumns<Row>(
  rows: readonly Row[],
  { columns, last, width }: Table<Row>,
): readonly TableColumn<Row>[] {
  const measured = columns.map((column) => {
    const cells = rows.map((row, index) => displayWidth(column.format(row, index)));
    const width = Math.max(column.heading.length, ...cells) + GAP.length;
    return { column, width, importance: column.importance };
  });
  return fittingColumns(
    measured,
    width === undefined ? undefined : width - Math.min(last.narrowest, width / 2),
  );
}

function pad<Row>(text: string, measured: TableColumn<Row> | undefined): string {
  const blanks = ' '.repeat(Math.max(0, (measured?.width ?? 0) - GAP.length - displayWidth(text)));
  return measured?.column.isRightAligned === true ? blanks + text : text + blanks;
}
