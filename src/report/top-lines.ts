import { escapeForTerminal } from '../base/escaping.ts';
import { formatCount, formatNanoseconds, formatShare } from '../base/quantities.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import type { LiveMoment } from '../profile/live-moment.ts';
import { type LiveRow, type LiveSort, sortedRows } from '../profile/live-table.ts';
import type { SampledMode } from '../profile/profile.ts';
import { titleAmong } from '../profile/root-frames.ts';
import { type ThreadRow, threadRows } from '../profile/thread-table.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import { countRemarks } from './profile-account.ts';
import { functionColumn } from './profile-table.ts';
import type { Style } from './style.ts';
import { type Column, tableLines } from './table.ts';
import { choiceOf, nextMode, shownThreads, type TopView } from './top-view.ts';
import { unusedGilRemark } from './unused-gil.ts';
import { wrap } from './wrapping.ts';

/** What is to be shown of a process that is being sampled. */
export interface TopShown {
  readonly moment: LiveMoment;
  readonly view: TopView;
}

/** Where it is to be shown. */
export interface TopPlace {
  readonly style: Style;
  /** Nothing is cut without it. */
  readonly columns: number | undefined;
}

/** Fewer sweeps that were missed are chance. */
const NOTABLE_MISSED = 10;

/** Renders the table for a file or a pipe: how it came about, and the rows with the most of what it is sorted by. */
export function* topTableLines(shown: TopShown, place: TopPlace): Generator<string> {
  yield* headerLines(shown, place);
  yield '';
  yield* rowLines(wantedRows(shown).slice(0, shown.view.mostRows), shown, place);
}

/** Renders a screen of so many lines; the last one says what can be typed. */
export function topScreenLines(
  shown: TopShown,
  { style, columns, rows }: { readonly style: Style; readonly columns: number; readonly rows: number },
): readonly string[] {
  const header = [...headerLines(shown, { style, columns }), ''];
  const room = Math.max(0, Math.min(shown.view.mostRows, rows - header.length - 2));
  const wanted = wantedRows(shown);
  const first = Math.min(shown.view.skipped, Math.max(0, wanted.length - room));
  const table = [...rowLines(wanted.slice(first, first + room), shown, { style, columns })];
  const body = [...header, ...table].slice(0, rows - 1);
  const blank = Array.from({ length: Math.max(0, rows - 1 - body.length) }, () => '');
  return [...body, ...blank, footerLine(shown.view, { style, columns })];
}

/** Renders what stands there until the first moment, and after a reset. */
export function topWaitingLines(
  pid: number,
  view: TopView,
  { style, columns, rows }: { readonly style: Style; readonly columns: number; readonly rows: number },
): readonly string[] {
  const body = [cutToWidth(`process ${pid}: looking …`, columns)];
  const blank = Array.from({ length: Math.max(0, rows - 1 - body.length) }, () => '');
  return [...body, ...blank, footerLine(view, { style, columns })];
}

function* headerLines({ moment, view }: TopShown, { style, columns }: TopPlace): Generator<string> {
  const width = columns ?? Number.POSITIVE_INFINITY;
  const { profile } = moment;
  const [process] = profile.processes;
  if (process !== undefined) {
    const version = formatPythonVersion(process.python);
    const [program = '', ...words] = process.commandLine;
    const command = [program.slice(program.lastIndexOf('/') + 1), ...words].join(' ');
    const title = `process ${process.pid} · Python ${version} · ${command}`;
    yield style.bold(cutToWidth(escapeForTerminal(title), width));
  }
  yield* flowLines(countParts(moment), width);
  if (view.thread !== undefined) yield style.blue(cutToWidth(threadLine(moment, view.thread), width));
  for (const remark of remarks(moment)) for (const line of wrap(remark, '', width)) yield style.yellow(line);
}

function countParts({ profile, recent, whole }: LiveMoment): readonly string[] {
  const { mode, rateHz, sampledProcesses } = profile.account;
  const { durationNs, sweeps } = recent.counts;
  const { samples, tornSamples, unreadableSamples } = whole.counts;
  const threads = threadRows({ threads: profile.threads, samples: recent.samples });
  const reached = durationNs === 0 ? 0 : sweeps / (durationNs / 1e9);
  const share = (name: string, ns: (row: ThreadRow) => number): string =>
    `${name} ${formatShare(
      threads.reduce((sum, row) => sum + ns(row), 0),
      durationNs,
    )}`;
  return [
    `${formatCount(samples)} samples in ${formatNanoseconds(whole.counts.durationNs)}`,
    `${formatCount(reached)} of ${formatCount(rateHz)} Hz`,
    ...(tornSamples === 0 ? [] : [`${formatCount(tornSamples)} torn`]),
    ...(unreadableSamples === 0 ? [] : [`${formatCount(unreadableSamples)} unreadable`]),
    ...MEASURED[mode].map(([name, ns]) => share(name, ns)),
    ...(sampledProcesses < 2 ? [] : [`${formatCount(sampledProcesses)} processes`]),
    `${seenCount(threads)} ${THREADS_DO[mode]}`,
  ];
}

/** Where threads share a row, nobody knows how many of them were seen. */
function seenCount(rows: readonly ThreadRow[]): string {
  const isExact = rows.every(({ thread }) => thread.sharedBy === 1);
  return `${formatCount(rows.length)}${isExact ? '' : '+'} ${rows.length === 1 ? 'thread' : 'threads'}`;
}

/** What is known in each mode of what threads do: only in one it is asked which of them run. */
const MEASURED: Readonly<
  Record<SampledMode, readonly (readonly [name: string, ns: (row: ThreadRow) => number])[]>
> = {
  wall: [['GIL', ({ holdsGilNs }) => holdsGilNs]],
  cpu: [
    ['GIL', ({ holdsGilNs }) => holdsGilNs],
    ['CPU', ({ onCpuNs }) => onCpuNs],
  ],
  gil: [['GIL', ({ holdsGilNs }) => holdsGilNs]],
  'gil-wait': [['waits for the GIL', ({ waitsForGilNs }) => waitsForGilNs]],
  exception: [['GIL', ({ holdsGilNs }) => holdsGilNs]],
};

const THREADS_DO: Readonly<Record<SampledMode, string>> = {
  wall: 'seen',
  cpu: 'seen on a CPU',
  gil: 'seen with the GIL',
  'gil-wait': 'seen waiting for it',
  exception: 'seen with an exception',
};

function threadLine(moment: LiveMoment, index: number): string {
  const thread = moment.profile.threads[index];
  if (thread === undefined) return '';
  const all = shownThreads(moment);
  return escapeForTerminal(
    `${titleAmong(moment.profile, thread)} · ${all.indexOf(index) + 1} of ${all.length}`,
  );
}

/** Sweeps that are missed are told as long as they are; of stacks that were torn there are too few in one moment. */
function remarks({ recent, whole }: LiveMoment): Iterable<string> {
  const { sweeps, missedSweeps } = recent.counts;
  const missed = missedSweeps < NOTABLE_MISSED ? 0 : missedSweeps;
  return countRemarks({ ...whole.counts, sweeps, missedSweeps: missed });
}

function wantedRows({ moment, view }: TopShown): readonly LiveRow[] {
  const labels = new FrameLabels(moment.profile);
  const letters = view.search.toLowerCase();
  const rows = moment.rows(choiceOf(view));
  const found =
    letters === '' ? rows : rows.filter(({ frame }) => labels.label(frame).toLowerCase().includes(letters));
  return sortedRows(found, view.sort);
}

function* rowLines(
  rows: readonly LiveRow[],
  { moment, view }: TopShown,
  { style, columns }: TopPlace,
): Generator<string> {
  yield* tableLines(rows, {
    columns: columnsOf(moment.recent.counts.durationNs, view.sort),
    last: functionColumn(new FrameLabels(moment.profile), view.byTask === true ? 'TASK' : 'FUNCTION'),
    style,
    width: columns,
  });
  if (rows.length === 0) yield cutToWidth(emptyRemark(moment, view), columns ?? Number.POSITIVE_INFINITY);
}

function emptyRemark({ profile, whole }: LiveMoment, { search, byTask, filter }: TopView): string {
  if (whole.counts.samples > 0 && search !== '') return 'Nothing has these letters.';
  if (whole.counts.samples > 0 && filter !== undefined)
    return 'Nothing is left of it: see --include and --exclude.';
  if (whole.counts.samples > 0 && byTask === true) return 'No task of asyncio was seen.';
  return profile.account.mode === 'wall'
    ? 'No such thread was seen.'
    : (unusedGilRemark(profile) ?? 'No thread was seen doing that: try --idle.');
}

/** So wide that columns stay where they are: `100.0 %`. */
const SHARE_WIDTH = 7;

/** The one that rows are sorted by is marked, and goes last when there is no room. */
function columnsOf(durationNs: number, sort: LiveSort): readonly Column<LiveRow>[] {
  const share = (ns: number): string => formatShare(ns, durationNs).padStart(SHARE_WIDTH);
  const column = (
    [name, heading]: readonly [LiveSort, string],
    importance: number,
    format: (row: LiveRow) => string,
  ) => ({
    heading: name === sort ? `▼${heading}` : heading,
    isRightAligned: true,
    importance: name === sort ? Number.POSITIVE_INFINITY : importance,
    format,
  });
  return [
    column(['own', 'OWN'], 4, ({ recent }) => share(recent.own.ns)),
    column(['total', 'TOTAL'], 3, ({ recent }) => share(recent.total.ns)),
    column(['ownTime', 'OWN TIME'], 2, ({ whole }) => formatNanoseconds(whole.own.ns)),
    column(['totalTime', 'TOTAL TIME'], 1, ({ whole }) => formatNanoseconds(whole.total.ns)),
  ];
}

function footerLine(
  view: TopView,
  { style, columns }: { readonly style: Style; readonly columns: number },
): string {
  const { search, isSearching, isPaused, isHelpShown } = view;
  const letters = escapeForTerminal(search);
  if (isSearching) return cutToWidth(`/${letters}_   Enter keeps it, Esc gives it up`, columns);
  const state = [
    ...(isPaused ? ['paused'] : []),
    ...(search === '' ? [] : [`only ${letters} (c shows all)`]),
  ];
  const keys = isHelpShown ? ['any key leaves this page'] : keyHints(view);
  const [line = ''] = flowLines([...state, ...keys], columns);
  return state.length === 0 ? style.faint(line) : style.yellow(line);
}

/** What the next mode adds or leaves out. */
const MODE_HINTS: Readonly<Record<SampledMode, string>> = {
  cpu: 'm on a CPU',
  wall: 'm idle too',
  gil: 'm with the GIL',
  'gil-wait': 'm waiting for it',
  exception: 'm exceptions',
};

function keyHints(view: TopView): readonly string[] {
  const { byFunction, byTask, thread, isPaused } = view;
  const next = nextMode(view);
  return [
    'q quits',
    '? help',
    '1-4 sort',
    byFunction ? 'L lines' : 'L functions',
    ...(byTask === undefined ? [] : [byTask ? 'a calls' : 'a tasks']),
    thread === undefined ? 't threads' : 't all threads',
    isPaused ? 'p goes on' : 'p pauses',
    '/ searches',
    ...(next === undefined ? [] : [MODE_HINTS[next]]),
    'r resets',
  ];
}

/** Puts parts beside each other, as many as fit on each line; one that is longer than a line is cut. */
function* flowLines(parts: readonly string[], width: number): Generator<string> {
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line} · ${part}`;
    if (line === '' || displayWidth(longer) <= width) line = longer;
    else {
      yield cutToWidth(line, width);
      line = part;
    }
  }
  yield cutToWidth(line, width);
}
