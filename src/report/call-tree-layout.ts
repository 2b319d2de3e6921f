import { escapeForTerminal } from '../base/escaping.ts';
import { shortFileName } from '../base/short-file-name.ts';
import type { CallTree, TracedCall, TracedFunction, UnwatchedFunction } from '../model/call-tree.ts';
import type { HookedFunction } from '../model/function-calls.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import type { Paint, Style } from './style.ts';
import { momentText, ranWords, whereWords } from './watched-call-layout.ts';

/** How a tree of calls is shown. */
export interface CallTreeOptions {
  readonly style: Style;
  /** Of the terminal; lines go on below themselves where it is too narrow. `undefined` has no bound. */
  readonly columns: number | undefined;
  /** Which calls are counted only: shorter ones, or deeper ones where a depth was wanted. */
  readonly interval: number;
  readonly depth: number | undefined;
}

const RULE = '─'.repeat(60);
/** Further in, lines are not indented further but say how deep they are. */
const MOST_LEVELS = 50;
const LEVEL_COLUMNS = 3;
/** What a line needs beside its indentation, where a terminal is narrow. */
const LEAST_TEXT_COLUMNS = 24;

/** Renders a call and the calls below it in the layout of PyFlightProfiler's `trace`, with more on each line. */
export function* callTreeLines(
  tree: CallTree,
  hooked: HookedFunction,
  options: CallTreeOptions,
): Generator<string> {
  const { style, columns } = options;
  const [root] = tree.calls;
  if (root === undefined) return;
  yield style.faint(columns === undefined ? RULE : RULE.slice(0, columns));
  const mark = root.error === undefined ? style.green('✓') : style.red('✗');
  yield `${mark} ${momentText(tree)} method=${style.bold(escapeForTerminal(hooked.label))} cost=${(root.totalNs / 1e6).toFixed(3)}ms${ranWords(tree, hooked)}${whereWords(tree)}`;
  const levels =
    columns === undefined
      ? MOST_LEVELS
      : Math.min(MOST_LEVELS, Math.max(1, Math.floor((columns - LEAST_TEXT_COLUMNS) / LEVEL_COLUMNS)));
  for (const branch of branchesOf(tree.calls)) yield* branchLines(branch, { ...options, tree, root, levels });
  yield* remarkLines(tree, style);
}

/** A line of the tree: a call, or those below one that are counted only. */
interface Branch {
  readonly call: TracedCall;
  readonly parent: TracedCall | undefined;
  readonly kind: 'call' | 'hidden';
  readonly depth: number;
  /** For each level above it, and for itself, whether nothing follows there. */
  readonly lasts: readonly boolean[];
}

interface BranchOptions extends CallTreeOptions {
  readonly tree: CallTree;
  readonly root: TracedCall;
  readonly levels: number;
}

function branchesOf(calls: readonly TracedCall[]): readonly Branch[] {
  const open: TracedCall[] = [];
  const found: Omit<Branch, 'lasts'>[] = [];
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      const call = open.pop();
      if (call !== undefined && call.hidden.count > 0)
        found.push({ call, parent: call, kind: 'hidden', depth: call.depth + 1 });
    }
  };
  for (const call of calls) {
    closeTo(call.depth);
    found.push({ call, parent: open.at(-1), kind: 'call', depth: open.length });
    open.push(call);
  }
  closeTo(0);
  return withLasts(found);
}

/** From the end, as what follows on a level is known there. */
function withLasts(branches: readonly Omit<Branch, 'lasts'>[]): readonly Branch[] {
  const follows: boolean[] = [];
  const found: Branch[] = [];
  for (const branch of branches.toReversed()) {
    follows.length = Math.min(follows.length, branch.depth + 1);
    while (follows.length <= branch.depth) follows.push(false);
    found.push({ ...branch, lasts: follows.slice(1).map((isFollowed) => !isFollowed) });
    follows[branch.depth] = true;
  }
  return found.toReversed();
}

function* branchLines(branch: Branch, options: BranchOptions): Generator<string> {
  const { style, columns, levels } = options;
  const { depth, lasts } = branch;
  const shown = lasts.slice(0, levels);
  const above = shown.slice(0, -1).map((isLast) => (isLast ? '   ' : '│  '));
  const own = shown.at(-1);
  const before = `${above.join('')}${own === undefined ? '' : own ? '└─ ' : '├─ '}`;
  const below = `${above.join('')}${own === undefined || own ? '   ' : '│  '}`;
  const parts = branch.kind === 'call' ? callParts(branch, options) : hiddenParts(branch, options);
  const deep = depth > levels ? [plain(`(level ${depth})`)] : [];
  for (const [index, line] of wrapped([...deep, ...parts], columns, before.length).entries())
    yield `${style.faint(index === 0 ? before : below)}${line}`;
}

/** A part of a line, which is not painted yet, as its width counts. */
interface Part {
  readonly text: string;
  readonly paint: Paint;
}

const plain = (text: string, paint: Paint = (given) => given): Part => ({ text, paint });

function callParts({ call, parent }: Branch, options: BranchOptions): readonly Part[] {
  const { style, root } = options;
  const share = parent === undefined ? '' : ` ${percent(call.totalNs, parent.totalNs)}`;
  const parts = [plain(`[${milliseconds(call.totalNs)}${share}]`, paintOfShare(call, root, style))];
  parts.push(plain(escapeForTerminal(call.function.name), call.kind === 'await' ? style.yellow : style.bold));
  if (call.kind !== 'await') parts.push(plain(placeText(call, parent, options), style.faint));
  if (call.count > 1) parts.push(plain(`×${call.count}`), plain(spreadText(call)));
  if (call.error !== undefined)
    parts.push(plain(`✗ ${escapeForTerminal(call.error.typeName ?? 'exception')}`, style.red));
  return parts;
}

function hiddenParts({ call }: Branch, { style, interval, depth }: BranchOptions): readonly Part[] {
  const { count, totalNs } = call.hidden;
  const calls = `${count} ${depth === undefined ? '' : 'deeper '}${count === 1 ? 'call' : 'calls'}`;
  const bound = depth === undefined ? ` below ${interval} ms` : '';
  return [plain(`+${calls}${bound},`, style.faint), plain(`${milliseconds(totalNs)} together`, style.faint)];
}

/** Where the function is, and which line calls it, with its file where that is another than the caller's. */
function placeText(call: TracedCall, parent: TracedCall | undefined, { tree }: BranchOptions): string {
  const place = functionPlace(call.function, tree);
  const { calledAt } = call;
  if (calledAt === undefined) return place;
  const isNear = calledAt.file === parent?.function.file;
  const from = isNear
    ? `line ${calledAt.line}`
    : `${escapeForTerminal(shortFileName(calledAt.file, tree.searchPath))}:${calledAt.line}`;
  return `${place} (from ${from})`;
}

function functionPlace({ file, line }: TracedFunction, { searchPath }: CallTree): string {
  if (file === undefined) return '<built-in>';
  return `${escapeForTerminal(shortFileName(file, searchPath))}:${line ?? '?'}`;
}

function spreadText({ count, totalNs, leastNs, mostNs }: TracedCall): string {
  const [least, average, most] = [leastNs, totalNs / count, mostNs].map((ns) => digits(ns / 1e6));
  return `(min ${least} avg ${average} max ${most} ms)`;
}

function milliseconds(nanoseconds: number): string {
  return `${digits(nanoseconds / 1e6)}ms`;
}

function digits(value: number): string {
  return value.toFixed(value >= 100 ? 1 : value >= 10 ? 2 : 3);
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.min(Math.round((part / whole) * 100), 100)}%`;
}

/** Shares of the traced call from which on a time has a colour. */
const SHARES: readonly (readonly [share: number, paint: keyof Style])[] = [
  [0.5, 'red'],
  [0.2, 'yellow'],
  [0.05, 'green'],
];

function paintOfShare(call: TracedCall, root: TracedCall, style: Style): Paint {
  const share = root.totalNs === 0 ? 0 : call.totalNs / root.totalNs;
  return style[SHARES.find(([least]) => share > least)?.[1] ?? 'faint'];
}

/** Puts parts on as many lines as a terminal needs. A part that is wider than it is cut: nothing else would keep the tree. */
function wrapped(parts: readonly Part[], columns: number | undefined, indent: number): readonly string[] {
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(columns - indent, 8);
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const { text, paint } of parts) {
    const wide = displayWidth(text);
    if (line !== '' && width + 1 + wide > room) {
      lines.push(line);
      line = '';
      width = 0;
    }
    line += `${line === '' ? '' : ' '}${paint(cutToWidth(text, room))}`;
    width += wide + 1;
  }
  return [...lines, line];
}

const MOST_UNWATCHED = 5;

function* remarkLines(
  { unwatched, cut, omitted, isComplete, calls }: CallTree,
  style: Style,
): Generator<string> {
  if (unwatched.length > 0)
    yield style.faint(
      `  always short, and so not watched to the end (their time is in what called them): ${unwatchedWords(unwatched)}`,
    );
  if (cut.length > 0)
    yield style.faint(
      `  only short calls below it so far, and so what it calls was not watched to the end: ${unwatchedWords(cut)}`,
    );
  if (omitted > 0) yield style.faint(`  ${omitted} calls more than a tree may have are counted only`);
  const why = calls.length === 1 ? 'another profiler is active, or ' : '';
  if (!isComplete) yield style.red(`  not all calls below were seen: ${why}the agent failed`);
}

function unwatchedWords(functions: readonly UnwatchedFunction[]): string {
  const names = functions
    .slice(0, MOST_UNWATCHED)
    .map(({ function: { name }, count }) => `${escapeForTerminal(name)} after ${count} calls`);
  const more = functions.length - names.length;
  return `${names.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
