import { escapeForTerminal, escapeLines } from '../base/escaping.ts';
import type {
  CallError,
  CallMoment,
  CallPlace,
  ExpressionFailure,
  HookedFunction,
  WatchedCall,
  WatchedValue,
} from '../model/function-calls.ts';
import { reprLines } from './evaluation-layout.ts';
import { formatObject } from './object-text.ts';
import { objectTree } from './object-tree.ts';
import { placed, type ValueManner } from './value-layout.ts';

/** What a watch is about. */
export interface WatchedFunction {
  readonly hooked: HookedFunction;
  readonly expression: string;
}

const MESSAGE_BUDGET = 1000;
const RULE = '─'.repeat(60);

/** Renders a call in the layout of PyFlightProfiler's `watch`: a headline, and EXPR, TYPE and VALUE. */
export function* watchedCallLines(
  call: WatchedCall,
  { hooked, expression }: WatchedFunction,
  manner: ValueManner,
): Generator<string> {
  const { style } = manner;
  const { at, error, before, value, callers } = call;
  const mark = error === undefined ? style.green('✓') : style.red('✗');
  const method = style.bold(escapeForTerminal(hooked.label));
  const yields = at === 'yield' ? ' yields=True' : '';
  yield style.faint(RULE);
  yield `${mark} ${momentText(call)} method=${method} cost=${milliseconds(call.costNs)}${ranWords(call, hooked)}${whereWords(call)}${yields} is_exp=${error === undefined ? 'False' : 'True'} result={`;
  yield* labelled('EXPR:', [escapeForTerminal(expression)], manner);
  if (before !== undefined) yield* valueLines('BEFORE:', before, manner);
  yield* valueLines('VALUE:', value, manner);
  if (error !== undefined) yield* labelled('EXCEPTION:', errorLines(error), manner);
  if (callers !== undefined) yield* labelled('STACK:', callers.map(placeWords), manner);
  yield '}';
}

/** Formats when a call ended, as PyFlightProfiler does. */
export function momentText({ time }: Pick<CallMoment, 'time'>): string {
  const date = new Date(time);
  const two = (value: number): string => `${value}`.padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${clock}:${`${date.getMilliseconds()}`.padStart(3, '0')}`;
}

function milliseconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e6).toFixed(6)}ms`;
}

/** What was suspended meanwhile ran for a part of that time only. */
export function ranWords({ ranNs }: CallMoment, { kind }: HookedFunction): string {
  return kind === 'function' ? '' : ` ran=${milliseconds(ranNs)}`;
}

/** Tells the thread of a call, and its task. */
export function whereWords({ thread, task }: CallMoment): string {
  const name = escapeForTerminal(thread.name ?? `${thread.nativeId ?? thread.id}`);
  return ` thread=${name}${task === undefined ? '' : ` task=${escapeForTerminal(task)}`}`;
}

function* valueLines(label: string, value: WatchedValue, manner: ValueManner): Generator<string> {
  if (value.kind === 'failure') {
    yield* labelled(`${label.slice(0, -1)} FAILED:`, failureLines(value.failure), manner);
    return;
  }
  const { typeName, value: shown } = value.evaluation;
  if (label === 'VALUE:') yield* labelled('TYPE:', [`<class '${escapeForTerminal(typeName)}'>`], manner);
  const lines = shown.kind === 'view' ? objectTree(shown.view, manner).lines : reprLines(shown);
  yield* labelled(label, lines, manner);
}

/** As Python has printed it. */
export function failureLines({ traceback }: ExpressionFailure): readonly string[] {
  return escapeLines(traceback.trimEnd()).split('\n');
}

/** As Python prints a traceback, without the lines of source. */
export function errorLines({ typeName, text, args, frames }: CallError): readonly string[] {
  const message = text ?? formatObject(args, MESSAGE_BUDGET);
  const shown = message === '' || message === '()' ? '' : `: ${escapeForTerminal(message)}`;
  return [
    'Traceback (most recent call last):',
    ...frames.map((frame) => `  ${placeWords(frame)}`),
    `${escapeForTerminal(typeName)}${shown}`,
  ];
}

function placeWords({ file, line, name }: CallPlace): string {
  return `File "${escapeForTerminal(file)}", line ${line}, in ${escapeForTerminal(name)}`;
}

function labelled(label: string, lines: readonly string[], { style }: ValueManner): Generator<string> {
  return placed(label, lines, { style, columns: Math.max(LABEL_COLUMNS, label.length + 1) });
}

/** As wide as PyFlightProfiler has it. */
const LABEL_COLUMNS = 8;
