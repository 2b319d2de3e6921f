import { escapeForTerminal } from '../base/escaping.ts';
import { formatCount, formatNanoseconds, formatShare } from '../base/quantities.ts';
import type {
  EstimatedTime,
  GilEvent,
  GilReport,
  GilThread,
  GilThreadUse,
  GilUse,
} from '../model/gil-report.ts';
import { cutToWidth } from './display-width.ts';
import type { Style } from './style.ts';
import { type Column, tableLines } from './table.ts';

/** How reports are shown. */
export interface GilManner {
  readonly style: Style;
  /** Width of the terminal; nothing is left out without it. */
  readonly width: number | undefined;
  /** So many threads at most. */
  readonly mostThreads: number;
  /** All long holds and waits, with their whole stacks. */
  readonly isWhole: boolean;
}

/** Of long holds and waits, and of their stacks, so many are shown unless all are wanted. */
const SHOWN_EVENTS = 5;
const SHOWN_FRAMES = 4;
/** Fewer of the looks that were wanted make times less exact than they seem. */
const LEAST_LOOKS = 0.5;
/** Where fewer of the switches were seen, the counts of the threads say little. */
const LEAST_SEEN = 0.5;

const COLUMNS: readonly Column<GilThreadUse>[] = [
  {
    heading: 'thread_id',
    isRightAligned: true,
    importance: 3,
    format: ({ thread: { osThreadId } }) => `${osThreadId ?? '-'}`,
  },
  { heading: 'takecnt', isRightAligned: true, importance: 8, format: ({ takes }) => formatCount(takes) },
  { heading: 'hold_all', isRightAligned: true, importance: 9, format: ({ held }) => time(held) },
  { heading: 'holdavg', isRightAligned: true, importance: 6, format: ({ held, takes }) => mean(held, takes) },
  { heading: 'take_all', isRightAligned: true, importance: 8, format: ({ waited }) => time(waited) },
  {
    heading: 'takeavg',
    isRightAligned: true,
    importance: 5,
    format: ({ waited, takes }) => mean(waited, takes),
  },
  { heading: 'dropcnt', isRightAligned: true, importance: 1, format: ({ drops }) => formatCount(drops) },
  { heading: 'drop_all', isRightAligned: true, importance: 2, format: ({ dropping }) => time(dropping) },
  {
    heading: 'dropavg',
    isRightAligned: true,
    importance: 1,
    format: ({ dropping, drops }) => mean(dropping, drops),
  },
];

/** Renders a report: a line about each GIL, the threads that had to do with it, and what took long. */
export function* gilReportLines(report: GilReport, manner: GilManner): Generator<string> {
  const { style, width, mostThreads } = manner;
  yield `gil statistics report: ${clock(report.startedAt)}, ${formatNanoseconds(report.durationNs)}`;
  for (const line of gilLines(report)) yield line;
  const wanting = report.threads.filter((use) => hadToDo(use)).toSorted((a, b) => b.held.ns - a.held.ns);
  if (wanting.length > 0)
    yield* tableLines(wanting.slice(0, mostThreads), {
      columns: COLUMNS,
      last: {
        heading: 'thread_name',
        narrowest: 12,
        format: ({ thread }, cells) =>
          cells === undefined ? nameOf(thread) : cutToWidth(nameOf(thread), cells),
      },
      style,
      width,
    });
  const others = report.threads.length - Math.min(wanting.length, mostThreads);
  if (others > 0) yield style.faint(othersLine(others, wanting.length > mostThreads));
  yield* errorLines(report, wanting, style);
  yield* eventLines(report, manner);
}

function* gilLines({ gils, durationNs }: GilReport): Generator<string> {
  for (const { interpreterId, isInUse, held, switches, seenSwitches } of gils) {
    const whose = gils.length > 1 ? `interpreter ${interpreterId}: ` : '';
    const counted =
      switches === undefined
        ? `${formatCount(seenSwitches)} switches seen (of this CPython it is not known how many there were)`
        : `${formatCount(switches)} switches, ${formatCount(seenSwitches)} of them seen`;
    yield isInUse
      ? `${whose}held ${formatShare(held.ns, durationNs)} of the time, ${counted}`
      : `${whose}the GIL is disabled: threads run side by side, and nobody waits for it`;
  }
}

function othersLine(count: number, isCut: boolean): string {
  const threads = count === 1 ? '1 thread' : `${formatCount(count)} threads`;
  return isCut ? `${threads} more` : `${threads} more did not want it`;
}

/** What is exact needs no error, and what it costs is to be known. */
const EXACT = 'takecnt and dropcnt count every call, which takes some microseconds longer with that';

function* errorLines(report: GilReport, uses: readonly GilThreadUse[], style: Style): Generator<string> {
  const most = (times: readonly (EstimatedTime | undefined)[]): string =>
    formatNanoseconds(Math.max(0, ...times.map((each) => each?.errorNs ?? 0)));
  if (uses.length > 0)
    yield style.faint(
      `estimated from ${formatCount(report.looks)} looks: hold_all ± ${most(uses.map(({ held }) => held))}, take_all ± ${most(uses.map(({ waited }) => waited))}`,
    );
  if (report.isExact) yield style.faint(EXACT);
  if (report.looks < (report.looks + report.missedLooks) * LEAST_LOOKS)
    yield style.yellow('Fewer than half of the looks could be taken: short holds are seen too seldom.');
  if (!report.isExact && areMostUnseen(report))
    yield style.yellow(
      'Most holds were too short to be seen: takecnt is too low, averages are too high. --exact counts all.',
    );
}

function areMostUnseen({ gils }: GilReport): boolean {
  const counted = gils.filter(({ isInUse, switches }) => isInUse && switches !== undefined);
  const sumOf = (value: (gil: GilUse) => number): number => counted.reduce((sum, gil) => sum + value(gil), 0);
  return sumOf(({ seenSwitches }) => seenSwitches) < LEAST_SEEN * sumOf(({ switches }) => switches ?? 0);
}

function* eventLines(
  { events, eventCount }: GilReport,
  { style, isWhole }: Pick<GilManner, 'style' | 'isWhole'>,
): Generator<string> {
  if (eventCount === 0) return;
  const shown = isWhole ? events : events.slice(0, SHOWN_EVENTS);
  const count = shown.length < eventCount ? `the longest ${shown.length} of ${eventCount}` : `${eventCount}`;
  yield `gil warning report: ${count}`;
  for (const event of shown) {
    yield style.yellow(eventLine(event));
    yield* stackLines(event, isWhole);
  }
}

function eventLine({ kind, thread, startedAt, durationNs, isOver, thresholdNs, heldBy }: GilEvent): string {
  const did = kind === 'hold' ? 'hold_gil' : 'take_gil';
  const going = isOver ? '' : ' so far';
  const by = heldBy.map((holder) => `${nameOf(holder.thread)} ${formatNanoseconds(holder.ns)}`).join(', ');
  const meanwhile = by === '' ? '' : `, meanwhile held by ${by}`;
  return `${clock(startedAt)} ${did} ${formatNanoseconds(durationNs)}${going} (more than ${formatNanoseconds(thresholdNs)}) by ${nameOf(thread)}${meanwhile}`;
}

function* stackLines({ stack }: GilEvent, isWhole: boolean): Generator<string> {
  if (stack === undefined) {
    yield '    (its stack moved while it was read)';
    return;
  }
  const shown = isWhole ? stack : stack.slice(0, SHOWN_FRAMES);
  for (const { name, file, line } of shown)
    yield `    ${escapeForTerminal(name)}  ${escapeForTerminal(file)}${line === 0 ? '' : `:${line}`}`;
  const left = stack.length - shown.length;
  if (left > 0)
    yield `    … ${left} more ${left === 1 ? 'call' : 'calls'}, -v shows ${left === 1 ? 'it' : 'them'}`;
}

function hadToDo({ takes, held, waited, dropping }: GilThreadUse): boolean {
  return takes > 0 || held.ns > 0 || (waited?.ns ?? 0) > 0 || (dropping?.ns ?? 0) > 0;
}

function nameOf({ name, osThreadId }: GilThread): string {
  return name === undefined ? `thread ${osThreadId ?? 'that has ended'}` : escapeForTerminal(name);
}

function time(estimate: EstimatedTime | undefined): string {
  return estimate === undefined ? '-' : formatNanoseconds(estimate.ns);
}

function mean(estimate: EstimatedTime | undefined, count: number): string {
  return estimate === undefined || count === 0 ? '-' : formatNanoseconds(estimate.ns / count);
}

function clock(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${date.toTimeString().slice(0, 8)}.${`${date.getMilliseconds()}`.padStart(3, '0')}`;
}
