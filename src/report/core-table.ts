import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes } from '../base/quantities.ts';
import type { StoredCore } from '../model/stored-core.ts';
import { signalName } from './signal-words.ts';
import type { Style } from './style.ts';
import { type Column, tableLines } from './table.ts';

const COLUMNS: readonly Column<StoredCore>[] = [
  { heading: 'PID', isRightAligned: true, importance: 6, format: ({ pid }) => `${pid}` },
  { heading: 'DIED', isRightAligned: false, importance: 5, format: ({ diedAt }) => formatDate(diedAt) },
  {
    heading: 'SIGNAL',
    isRightAligned: false,
    importance: 4,
    format: ({ signal }) => (signal === undefined ? '?' : signalName(signal)),
  },
  { heading: 'SIZE', isRightAligned: true, importance: 2, format: ({ sizeBytes }) => formatBytes(sizeBytes) },
  {
    heading: 'READABLE',
    isRightAligned: false,
    importance: 3,
    format: ({ isReadable }) => (isReadable ? 'yes' : 'no'),
  },
  {
    heading: 'PROGRAM',
    isRightAligned: false,
    importance: 7,
    format: ({ executable, name }) => escapeForTerminal(executable ?? name),
  },
];

/** Renders cores as a table, a row each. Their paths are never cut, as they are there to be typed. */
export function* coreTableLines(
  cores: readonly StoredCore[],
  { style, columns }: { readonly style: Style; readonly columns: number | undefined },
): Generator<string> {
  const longest = Math.max(0, ...cores.map(({ path }) => path.length));
  yield* tableLines(cores, {
    columns: COLUMNS,
    last: { heading: 'FILE', narrowest: longest, format: ({ path }) => escapeForTerminal(path) },
    style,
    width: columns,
  });
}

/** In UTC, to the second. */
function formatDate(date: Date): string {
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/u, 'Z');
}
