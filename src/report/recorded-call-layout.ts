import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes } from '../base/quantities.ts';
import type { HookedFunction, WatchedValue } from '../model/function-calls.ts';
import type { CallDetails, RecordedCall, RecordList } from '../model/recorded-calls.ts';
import { displayWidth } from './display-width.ts';
import { reprLines } from './evaluation-layout.ts';
import { objectTree } from './object-tree.ts';
import type { Style } from './style.ts';
import type { ValueManner } from './value-layout.ts';
import { errorLines, failureLines, momentText } from './watched-call-layout.ts';

/** Where a function is, as the table and the details name it. */
type Named = Pick<HookedFunction, 'module' | 'path' | 'nested'>;

/** Cells of the columns whose contents vary. */
export interface RecordColumns {
  readonly module: number;
  readonly className: number;
  readonly method: number;
  readonly thread: number;
}

const GAP = 2;
const LEAST: RecordColumns = { module: 28, className: 12, method: 16, thread: 12 };
const NARROW = 80;

/** Columns that are wide enough for these functions; of threads that are not known yet they hold the usual names. */
export function recordColumns(named: readonly (Named & Partial<RecordedCall>)[]): RecordColumns {
  const widest = (least: number, words: readonly string[]): number =>
    Math.max(least, ...words.map(displayWidth)) + GAP;
  return {
    module: widest(LEAST.module, named.map(moduleOf)),
    className: widest(LEAST.className, named.map(classOf)),
    method: widest(LEAST.method, named.map(methodOf)),
    thread: widest(
      LEAST.thread,
      named.map((each) => (each.thread === undefined ? '' : threadOf(each.thread))),
    ),
  };
}

/** The heading of a table of recorded calls: PyFlightProfiler's columns, and the class, the thread and the task. */
export function* recordHeading(
  columns: RecordColumns,
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): Generator<string> {
  const heading = row(
    ['INDEX', 'LOCAL TIME', 'COST(ms)', 'IS-RET', 'IS-EXP', 'MODULE', 'CLASS', 'METHOD', 'THREAD', 'TASK'],
    columns,
  );
  yield style.bold(heading);
  yield '─'.repeat(width ?? Math.max(NARROW, heading.length));
}

/** A recorded call as a row. */
export function recordLine(call: RecordedCall, columns: RecordColumns): string {
  const isError = call.errorType !== undefined;
  return row(
    [
      `${call.index}`,
      momentText(call),
      (call.costNs / 1e6).toFixed(3),
      truth(!isError),
      truth(isError),
      moduleOf(call),
      classOf(call),
      methodOf(call),
      threadOf(call.thread),
      call.task === undefined ? '' : escapeForTerminal(call.task),
    ],
    columns,
  );
}

function row(cells: readonly string[], { module, className, method, thread }: RecordColumns): string {
  const widths = [9, 25, 10, 8, 8, module, className, method, thread];
  return ` ${cells.map((cell, index) => cell + blanks(Math.max((widths[index] ?? 0) - displayWidth(cell), 1))).join('')}`.trimEnd();
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
