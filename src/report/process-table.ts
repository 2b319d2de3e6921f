import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes, formatSeconds } from '../base/quantities.ts';
import type { PythonProcess } from '../model/python-process.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import type { Style } from './style.ts';
import { type Column, tableLines } from './table.ts';

/** How a table of processes is to look. */
export interface ProcessTableOptions {
  readonly style: Style;
  /** Width of the terminal; nothing is cut or left out without it. */
  readonly columns: number | undefined;
  /** Put a number before each row, to choose one by. */
  readonly isNumbered: boolean;
}

/** Characters of a container's id that tell it from others, as Docker shows it. */
const CONTAINER_ID_LENGTH = 12;

/** A command cut below this tells too little: another column is left out before. */
const NARROWEST_COMMAND = 20;

const ROW_NUMBER: Column<PythonProcess> = {
  heading: '#',
  isRightAligned: true,
  importance: 9,
  format: (_, index) => `${index + 1}`,
};

const COLUMNS: readonly Column<PythonProcess>[] = [
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
  yield* tableLines(processes, {
    columns: isNumbered ? [ROW_NUMBER, ...COLUMNS] : COLUMNS,
    last: { heading: 'COMMAND', narrowest: NARROWEST_COMMAND, format: formatCommand },
    style,
    width: columns,
  });
}

/** A command line that does not fit loses the directory of its program first, then its end. */
function formatCommand({ commandLine, executable }: PythonProcess, width: number | undefined): string {
  const [program = executable, ...words] = commandLine;
  const whole = escapeForTerminal([program, ...words].join(' '));
  if (width === undefined || displayWidth(whole) <= width) return whole;
  const name = program.slice(program.lastIndexOf('/') + 1);
  return cutToWidth(escapeForTerminal([name, ...words].join(' ')), width);
}
