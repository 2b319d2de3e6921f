import { escapeForTerminal } from '../base/escaping.ts';
import type { PythonProcess } from '../model/python-process.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import { formatBytes, formatSeconds } from './quantities.ts';
import type { Style } from './style.ts';

/** How a table of processes is to look. */
export interface ProcessTableOptions {
  readonly style: Style;
  /** Width of the terminal; nothing is cut or left out without it. */
  readonly columns: number | undefined;
  /** Put a number before each row, to choose one by. */
  readonly isNumbered: boolean;
}

interface Column {
  readonly heading: string;
  readonly isRightAligned: boolean;
  /** On a narrow terminal columns are left out, the lowest first. */
  readonly importance: number;
  readonly format: (process: PythonProcess, index: number) => string;
}

/** Characters of a container's id that tell it from others, as Docker shows it. */
const CONTAINER_ID_LENGTH = 12;

/** A command cut below this tells too little: another column is left out before. */
const NARROWEST_COMMAND = 20;

const GAP = '  ';

const ROW_NUMBER: Column = {
  heading: '#',
  isRightAligned: true,
  importance: 9,
  format: (_, index) => `${index + 1}`,
};

const COLUMNS: readonly Column[] = [
  { heading: 'PID', isRightAligned: true, importance: 8, format: ({ pid }) => `${pid}` },
  {
    heading: 'PYTHON',
    isRightAligned: false,
    importance: 7,
    format: ({ version }) => (version === undefined ? '?' : formatPythonVersion(version)),
  },
  { heading: 'USER', isRightAligned: false, importance: 5, format: ({ user }) => escapeForTerminal(user) },
  {
    heading: 'UPTIME',
    isRightAligned: true,
    importance: 3,
    format: ({ uptimeSeconds }) => formatSeconds(uptimeSeconds),
  },
  {
    heading: 'CPU',
    isRightAligned: true,
    importance: 6,
    format: ({ cpuSeconds }) => formatSeconds(cpuSeconds),
  },
  {
    heading: 'MEMORY',
    isRightAligned: true,
    importance: 4,
    format: ({ residentBytes }) => formatBytes(residentBytes),
  },
  {
    heading: 'CONTAINER',
    isRightAligned: false,
    importance: 2,
    format: ({ container }) => escapeForTerminal(container?.slice(0, CONTAINER_ID_LENGTH) ?? '-'),
  },
];

/** Renders processes as a table, a row each, which fits the terminal where there is one. */
export function* processTableLines(
  processes: readonly PythonProcess[],
  { style, columns, isNumbered }: ProcessTableOptions,
): Generator<string> {
  const shown = fittingColumns(isNumbered ? [ROW_NUMBER, ...COLUMNS] : COLUMNS, processes, columns);
  const fixedWidth = totalWidth(shown);
  const commandWidth = columns === undefined ? undefined : Math.max(columns - fixedWidth, 0);
  const row = (cells: readonly string[], command: string): string =>
    [...cells.map((cell, index) => pad(cell, shown[index])), command].join(GAP).trimEnd();
  const headings = shown.map(({ column }) => column.heading);
  yield style.bold(row(headings, 'COMMAND'));
  for (const [index, process] of processes.entries())
    yield row(
      shown.map(({ column }) => column.format(process, index)),
      formatCommand(process, commandWidth),
    );
}

interface MeasuredColumn {
  readonly column: Column;
  readonly width: number;
}

function fittingColumns(
  all: readonly Column[],
  processes: readonly PythonProcess[],
  columns: number | undefined,
): readonly MeasuredColumn[] {
  let shown: readonly MeasuredColumn[] = all.map((column) => ({
    column,
    width: Math.max(
      column.heading.length,
      ...processes.map((process, index) => displayWidth(column.format(process, index))),
    ),
  }));
  const atLeast = Math.min(NARROWEST_COMMAND, (columns ?? 0) / 2);
  while (columns !== undefined && shown.length > 1 && totalWidth(shown) + atLeast > columns) {
    const least = Math.min(...shown.map(({ column }) => column.importance));
    shown = shown.filter(({ column }) => column.importance !== least);
  }
  return shown;
}

/** Cells that the columns take with the gap after each. */
function totalWidth(shown: readonly MeasuredColumn[]): number {
  return shown.reduce((sum, { width }) => sum + width + GAP.length, 0);
}

function pad(text: string, measured: MeasuredColumn | undefined): string {
  const blanks = ' '.repeat(Math.max(0, (measured?.width ?? 0) - displayWidth(text)));
  return measured?.column.isRightAligned === true ? blanks + text : text + blanks;
}

/** A command line that does not fit loses the directory of its program first, then its end. */
function formatCommand({ commandLine, executable }: PythonProcess, width: number | undefined): string {
  const [program = executable, ...words] = commandLine;
  const whole = escapeForTerminal([program, ...words].join(' '));
  if (width === undefined || displayWidth(whole) <= width) return whole;
  const name = program.slice(program.lastIndexOf('/') + 1);
  return cutToWidth(escapeForTerminal([name, ...words].join(' ')), width);
}
