import { escapeForTerminal } from '../base/escaping.ts';
import type { CallInterval } from '../model/function-calls.ts';
import type { Style } from './style.ts';

/** Of every column the heading and the width. */
const COLUMNS = [
  ['TIME', 10],
  ['CALLS', 9],
  ['PER-S', 10],
  ['FAILED', 8],
  ['IN-FLIGHT', 10],
  ['MEAN(ms)', 11],
  ['P50(ms)', 11],
  ['P95(ms)', 11],
  ['P99(ms)', 11],
  ['MAX(ms)', 11],
] as const;

/** Renders the head of the table of `monitor`. */
export function intervalHead({ bold }: Style): string {
  return bold(row(COLUMNS.map(([heading]) => heading)));
}

/** Renders a row of the table, and below it how calls have failed. */
export function* intervalLines(interval: CallInterval, { red }: Style): Generator<string> {
  const { time, seconds, calls, inFlight, failures, costs } = interval;
  const failed = failures.reduce((sum, { count }) => sum + count, 0);
  const clock = new Date(time).toTimeString().slice(0, 8);
  const { meanNs, p50Ns, p95Ns, p99Ns, mostNs } = costs ?? {};
  const times = [meanNs, p50Ns, p95Ns, p99Ns, mostNs].map((ns) =>
    ns === undefined ? '-' : milliseconds(ns),
  );
  const rate = seconds > 0 ? (calls / seconds).toFixed(1) : '-';
  yield row([clock, `${calls}`, rate, `${failed}`, `${inFlight}`, ...times]);
  for (const { typeName, count } of failures) yield red(`  ${escapeForTerminal(typeName)}: ${count}`);
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) =>
      index === 0 ? cell.padEnd(COLUMNS[0][1]) : cell.padStart(COLUMNS[index]?.[1] ?? 0),
    )
    .join('');
}

function milliseconds(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(3);
}
