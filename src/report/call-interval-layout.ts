import { escapeForTerminal } from '../base/escaping.ts';
import type { CallInterval } from '../model/function-calls.ts';
import type { Style } from './style.ts';
import { fittingColumns, type MeasuredColumn } from './table.ts';

interface IntervalColumn extends MeasuredColumn {
  readonly heading: string;
  readonly format: (interval: CallInterval) => string;
}

/** Where the table of `monitor` is to fit. */
interface IntervalManner {
  readonly style: Style;
  /** Width of the terminal; nothing is left out without it. */
  readonly width: number | undefined;
}

const COLUMNS: readonly IntervalColumn[] = [
  {
    heading: 'TIME',
    width: 10,
    importance: 8,
    format: ({ time }) => new Date(time).toTimeString().slice(0, 8),
  },
  { heading: 'CALLS', width: 9, importance: 10, format: ({ calls }) => `${calls}` },
  {
    heading: 'PER-S',
    width: 10,
    importance: 5,
    format: ({ calls, seconds }) => (seconds > 0 ? (calls / seconds).toFixed(1) : '-'),
  },
  {
    heading: 'FAILED',
    width: 8,
    importance: 9,
    format: ({ failures }) => `${failures.reduce((sum, { count }) => sum + count, 0)}`,
  },
  { heading: 'IN-FLIGHT', width: 10, importance: 4, format: ({ inFlight }) => `${inFlight}` },
  { heading: 'MEAN(ms)', width: 11, importance: 7, format: ({ costs }) => milliseconds(costs?.meanNs) },
  { heading: 'P50(ms)', width: 11, importance: 2, format: ({ costs }) => milliseconds(costs?.p50Ns) },
  { heading: 'P95(ms)', width: 11, importance: 6, format: ({ costs }) => milliseconds(costs?.p95Ns) },
  { heading: 'P99(ms)', width: 11, importance: 1, format: ({ costs }) => milliseconds(costs?.p99Ns) },
  { heading: 'MAX(ms)', width: 11, importance: 3, format: ({ costs }) => milliseconds(costs?.mostNs) },
];

/** Renders the head of the table of `monitor`. */
export function intervalHead({ style, width }: IntervalManner): string {
  return style.bold(row(({ heading }) => heading, width));
}

/** Renders a row of the table, and below it how calls have failed. */
export function* intervalLines(interval: CallInterval, { style, width }: IntervalManner): Generator<string> {
  yield row(({ format }) => format(interval), width);
  for (const { typeName, count } of interval.failures)
    yield style.red(`  ${escapeForTerminal(typeName)}: ${count}`);
}

function row(textOf: (column: IntervalColumn) => string, room: number | undefined): string {
  return fittingColumns(COLUMNS, room)
    .map((column, index) =>
      index === 0 ? textOf(column).padEnd(column.width) : textOf(column).padStart(column.width),
    )
    .join('');
}

function milliseconds(nanoseconds: number | undefined): string {
  return nanoseconds === undefined ? '-' : (nanoseconds / 1e6).toFixed(3);
}
