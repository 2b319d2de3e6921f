import { escapeForTerminal } from '../base/escaping.ts';
import type { HookedFunction, WatchedValue } from '../model/function-calls.ts';
import type { CallDetails, RecordedCall, RecordList } from '../model/recorded-calls.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import { reprLines } from './evaluation-layout.ts';
import { objectTree } from './object-tree.ts';
import { formatBytes } from './quantities.ts';
import type { Style } from './style.ts';
import { fittingColumns, type MeasuredColumn, totalWidth } from './table.ts';
import type { ValueManner } from './value-layout.ts';
import { errorLines, failureLines, momentText } from './watched-call-layout.ts';

/** Where a function is, as the table and the details name it. */
type Named = Pick<HookedFunction, 'module' | 'path' | 'nested'>;

interface RecordColumn extends MeasuredColumn {
  readonly heading: string;
  readonly format: (call: RecordedCall) => string;
}

/** A table of recorded calls, and where it is to fit. */
export interface RecordTable {
  readonly columns: readonly RecordColumn[];
  /** Width of the terminal; nothing is cut or left out without it. */
  readonly width: number | undefined;
}

/** Cells that columns have at least, where their contents vary. */
interface LeastWidths {
  readonly module: number;
  readonly className: number;
  readonly method: number;
  readonly thread: number;
}

const INDENT = ' ';
const GAP = 2;
const INDEX_WIDTH = 9;
const ROOMY: LeastWidths = { module: 28, className: 12, method: 16, thread: 12 };
const TIGHT: LeastWidths = { module: 6, className: 5, method: 6, thread: 10 };
const NARROW = 80;

/** A table that is wide enough for these functions; of threads that are not known yet it holds the usual names. */
export function recordTable(
  named: readonly (Named & Partial<RecordedCall>)[],
  width: number | undefined,
): RecordTable {
  const room = width === undefined ? undefined : width - INDENT.length;
  const roomy = columnsFor(named, ROOMY);
  if (room === undefined || totalWidth(roomy) <= room) return { columns: roomy, width };
  // Each fits beside the index: what is longer is cut.
  const tight = columnsFor(named, TIGHT).map((column) => ({
    ...column,
    width: Math.min(column.width, Math.max(room - INDEX_WIDTH, GAP)),
  }));
  return { columns: fittingColumns(tight, room), width };
}

function columnsFor(
  named: readonly (Named & Partial<RecordedCall>)[],
  least: LeastWidths,
): readonly RecordColumn[] {
  const widest = (atLeast: number, words: readonly string[]): number =>
    Math.max(atLeast, ...words.map(displayWidth)) + GAP;
  const threads = named.map(({ thread }) => (thread === undefined ? '' : threadOf(thread)));
  return [
    { heading: 'INDEX', width: INDEX_WIDTH, importance: 10, format: ({ index }) => `${index}` },
    { heading: 'LOCAL TIME', width: 25, importance: 5, format: momentText },
    { heading: 'COST(ms)', width: 10, importance: 8, format: ({ costNs }) => (costNs / 1e6).toFixed(3) },
    { heading: 'IS-RET', width: 8, importance: 1, format: (call) => truth(!isError(call)) },
    { heading: 'IS-EXP', width: 8, importance: 7, format: (call) => truth(isError(call)) },
    { heading: 'MODULE', width: widest(least.module, named.map(moduleOf)), importance: 4, format: moduleOf },
    { heading: 'CLASS', width: widest(least.className, named.map(classOf)), importance: 6, format: classOf },
    { heading: 'METHOD', width: widest(least.method, named.map(methodOf)), importance: 9, format: methodOf },
    {
      heading: 'THREAD',
      width: widest(least.thread, threads),
      importance: 3,
      format: ({ thread }) => threadOf(thread),
    },
    { heading: 'TASK', width: widest('TASK'.length, named.map(taskOf)), importance: 2, format: taskOf },
  ];
}

/** The heading of a table of recorded calls: PyFlightProfiler's columns, and the class, the thread and the task. */
export function* recordHeading(table: RecordTable, style: Style): Generator<string> {
  const heading = row(({ heading: text }) => text, table);
  yield style.bold(heading);
  yield '─'.repeat(table.width ?? Math.max(NARROW, heading.length));
}

/** A recorded call as a row. */
export function recordLine(call: RecordedCall, table: RecordTable): string {
  return row(({ format }) => format(call), table);
}

function row(textOf: (column: RecordColumn) => string, { columns, width }: RecordTable): string {
  const cells = columns.map((column) => {
    const text = textOf(column);
    return text + blanks(Math.max(column.width - displayWidth(text), 1));
  });
  const line = `${INDENT}${cells.join('')}`.trimEnd();
  return width === undefined ? line : cutToWidth(line, width);
}

function isError({ errorType }: RecordedCall): boolean {
  return errorType !== undefined;
}

function blanks(count: number): string {
  return ' '.repeat(Math.max(count, 0));
}

function truth(value: boolean): string {
  return value ? 'True' : 'False';
}

function moduleOf({ module }: Named): string {
  return escapeForTerminal(module);
}

function classOf({ path }: Named): string {
  return escapeForTerminal(path.slice(0, -1).join('.') || 'None');
}

function methodOf({ path, nested }: Named): string {
  return escapeForTerminal([...path.slice(-1), ...nested].join('.'));
}

function threadOf({ id, nativeId, name }: RecordedCall['thread']): string {
  return escapeForTerminal(name ?? `${nativeId ?? id}`);
}

function taskOf({ task }: { readonly task?: string | undefined }): string {
  return task === undefined ? '' : escapeForTerminal(task);
}

/** What is to be said below a list: what is missing there. */
export function* listNotes({ records, matched, failures, failure, store }: RecordList): Generator<string> {
  if (matched > records.length) yield `note: the last ${records.length} of ${matched}; -m or -f finds others`;
  if (failure !== undefined) {
    const first = failureLines(failure).at(-1) ?? '';
    yield `warning: the filter raised an exception for ${counted(failures)}, which are left out; the first: ${first}`;
  }
  if (store.dropped > 0)
    yield `note: ${counted(store.dropped)} dropped, the oldest first: records may hold ${formatBytes(store.budget)} (--budget)`;
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'call' : 'calls'}`;
}

/** Renders a recorded call with its values, in the layout of PyFlightProfiler's `tt -i`. */
export function detailLines(call: CallDetails, manner: ValueManner): ValueParts {
  const { index, costNs, ranNs, kind, thread, task, error, replayOf } = call;
  const parts = new ValueParts(manner);
  parts.add('INDEX', [`${index}`]);
  parts.add('LOCAL TIME', [momentText(call)]);
  parts.add('COST(ms)', [(costNs / 1e6).toFixed(6)]);
  if (kind !== 'function') parts.add('RAN(ms)', [(ranNs / 1e6).toFixed(6)]);
  parts.add('MODULE', [moduleOf(call)]);
  parts.add('CLASS', [classOf(call)]);
  parts.add('METHOD', [methodOf(call)]);
  parts.add('THREAD', [threadOf(thread)]);
  if (task !== undefined) parts.add('TASK', [escapeForTerminal(task)]);
  if (replayOf !== undefined) parts.add('REPLAY OF', [`${replayOf}`]);
  parts.add('IS_RETURN', [truth(error === undefined)]);
  parts.add('IS_EXCEPTION', [truth(error !== undefined)]);
  parts.add('VALUES', [asOfWords(call)]);
  if (call.target !== undefined) parts.addValue('TARGET', call.target);
  parts.addValue('ARGS', call.args);
  parts.addValue('KWARGS', call.kwargs);
  if (error !== undefined) parts.add('RAISE-EXCEPTION', errorLines(error));
  else if (call.result !== undefined) parts.addValue('RETURN_OBJ', call.result);
  return parts;
}

function asOfWords({ asOf, isCopied, replayOf }: CallDetails): string {
  if (asOf === 'entry') return 'arguments as they were when the call began';
  const more =
    isCopied || replayOf !== undefined
      ? ''
      : ', with what has changed since (--copy keeps them as they were)';
  return `the objects as they are now${more}`;
}

const LABEL_COLUMNS = 20;

/** Labels with what stands beside them. */
class ValueParts {
  readonly lines: string[] = [];
  isCut = false;
  readonly #manner: ValueManner;

  constructor(manner: ValueManner) {
    this.#manner = manner;
  }

  add(label: string, lines: readonly string[]): void {
    const { style } = this.#manner;
    const padding = blanks(LABEL_COLUMNS - label.length);
    for (const [index, line] of lines.entries())
      this.lines.push(
        index === 0 ? ` ${style.faint(label)}${padding}${line}` : ` ${blanks(LABEL_COLUMNS)}${line}`,
      );
  }

  addValue(label: string, value: WatchedValue): void {
    if (value.kind === 'failure') {
      this.add(`${label} FAILED`, failureLines(value.failure));
      return;
    }
    const shown = value.evaluation.value;
    if (shown.kind === 'repr') {
      this.add(label, reprLines(shown));
      return;
    }
    const { lines, isCut } = objectTree(shown.view, this.#manner);
    this.add(label, lines);
    this.isCut ||= isCut;
  }
}
