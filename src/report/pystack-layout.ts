import { hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type { Frame } from '../model/frame.ts';
import type { MergedFrame, NativeFrame } from '../model/native-frame.ts';
import { byNesting } from '../model/nesting-order.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { GilState, NativeThread, ThreadStack } from '../model/thread-stack.ts';
import { formatSourceLine } from './source-line.ts';
import type { Style } from './style.ts';
import { variableLines } from './variable-lines.ts';

/** What a report in PyStack's layout shows beside the stacks. */
export interface PystackOptions {
  readonly style: Style;
  readonly showLocals: boolean;
  /** Which native calls to show of those that the snapshot has; none without it. */
  readonly native?: NativeChoice;
  /** Lines to put under a thread's header, as they are; none without it. */
  readonly remarks?: (thread: ThreadStack) => readonly string[];
  /** The frames of a thread to show; all of them without it. */
  readonly framesOf?: (thread: ThreadStack) => readonly Frame[];
}

/** All native calls between the Python frames, or only those that the innermost Python frame has led to. */
export type NativeChoice = 'all' | 'last';

const GIL_WORDS: Readonly<Record<GilState, string | undefined>> = {
  holds: 'Has the GIL',
  waits: 'Waiting for the GIL',
  drops: 'Dropping the GIL',
  none: undefined,
};

/**
 * Renders the stacks of a process to the character as PyStack 1.7 does, outermost call first; text of the target
 * is escaped, and variables stand in their declaration order.
 */
export function* pystackLines(snapshot: Snapshot, options: PystackOptions): Generator<string> {
  const showInterpreters = new Set(snapshot.threads.map((thread) => thread.interpreterId)).size > 1;
  let isFirst = true;
  for (const group of threadGroups(snapshot.threads)) {
    if (!isFirst) yield '';
    isFirst = false;
    if (showInterpreters) yield* interpretersOfThread(group, snapshot, options);
    else for (const thread of group) yield* threadBlock(thread, options);
  }
  for (const thread of snapshot.nativeThreads ?? []) {
    if (!isFirst) yield '';
    isFirst = false;
    yield* nativeThreadBlock(thread, showInterpreters, options);
  }
}

/**
 * Renders what is known of how a thread is to be called: its id and its kernel name; in a core, which has that of one
 * thread only, its name in Python.
 */
export function formatThread(
  thread: Pick<ThreadStack, 'kernelName' | 'osThreadId'> & Partial<ThreadStack>,
): string {
  const { kernelName = thread.osThreadId === undefined ? undefined : thread.pythonName } = thread;
  const name = kernelName?.trimEnd() ?? '';
  return `${formatThreadId(thread)}${name === '' ? '' : ` (${escapeForTerminal(name)})`}`;
}

/** A thread that has ended has no id any more, which PyStack shows as 0. */
function formatThreadId(thread: Pick<ThreadStack, 'osThreadId'> & Partial<ThreadStack>): string {
  return `${thread.osThreadId ?? (thread.isTerminated === true ? 0 : '?')}`;
}

/** Puts the states of one OS thread together at the place of the first, outermost interpreter first. */
function threadGroups(threads: readonly ThreadStack[]): readonly (readonly ThreadStack[])[] {
  const groups = new Map<number | ThreadStack, ThreadStack[]>();
  for (const thread of threads) {
    const key = thread.osThreadId ?? thread;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thread]);
    else group.push(thread);
  }
  return [...groups.values()].map((group) => group.sort(byNesting));
}

function* threadBlock(thread: ThreadStack, options: PystackOptions): Generator<string> {
  const showsNative = options.native !== undefined && thread.native !== undefined;
  if (thread.frames.length === 0 && !showsNative) yield emptyStackLine(thread);
  else yield `Traceback for thread ${formatThread(thread)} ${formatStatus(thread)} (most recent call last):`;
  yield* options.remarks?.(thread) ?? [];
  yield* frameLines(thread, options);
}

/** PyStack's line for a thread without Python frames; a thread that could not be read must not look like one. */
function emptyStackLine(thread: ThreadStack): string {
  const state = thread.problems.length === 0 ? 'is empty' : 'could not be read';
  return `The frame stack for thread ${formatThreadId(thread)} ${state}`;
}

function* interpretersOfThread(
  group: readonly ThreadStack[],
  snapshot: Snapshot,
  options: PystackOptions,
): Generator<string> {
  for (const [index, thread] of group.entries()) {
    if (index === 0) yield `Traceback for thread ${formatThread(thread)} (most recent call last):`;
    yield `  In ${formatInterpreter(thread.interpreterId, snapshot)} ${formatStatus(thread)}`;
    yield* options.remarks?.(thread) ?? [];
    yield* frameLines(thread, options);
  }
}

function formatInterpreter(id: number, snapshot: Snapshot): string {
  const isMain = snapshot.interpreters.find((interpreter) => interpreter.id === id)?.isMain ?? id === 0;
  return isMain ? 'the main interpreter' : `interpreter ${id}`;
}

function formatStatus(thread: ThreadStack): string {
  const words = [
    thread.isTerminated ? 'Thread terminated' : undefined,
    thread.gil === undefined ? undefined : GIL_WORDS[thread.gil],
    thread.isCollectingGarbage === true ? 'Garbage collecting' : undefined,
  ];
  return `[${words.filter((word) => word !== undefined).join(',')}]`;
}

/** A thread that no interpreter knows. */
function* nativeThreadBlock(
  thread: NativeThread,
  showInterpreters: boolean,
  options: PystackOptions,
): Generator<string> {
  const status = showInterpreters ? '' : '[] ';
  yield `Traceback for thread ${formatThread(thread)} ${status}(most recent call last):`;
  if (showInterpreters) yield '  Not currently attached to any interpreter []';
  for (const frame of (thread.native?.frames ?? []).toReversed()) yield nativeLine(frame, options.style);
}

function* frameLines(thread: ThreadStack, options: PystackOptions): Generator<string> {
  const frames = options.framesOf?.(thread) ?? thread.frames;
  if (options.native === undefined || thread.native === undefined) yield* pythonLines(frames, options);
  else if (thread.merged === undefined) {
    yield '* - Unable to merge native stack due to insufficient native information - *';
    yield* pythonLines(frames, options);
    yield '* - The native stack by itself - *';
    for (const frame of thread.native.frames.toReversed()) yield nativeLine(frame, options.style);
  } else yield* mergedLines(thread.merged, options);
}

function* mergedLines(merged: readonly MergedFrame[], options: PystackOptions): Generator<string> {
  const firstPython = merged.findIndex(({ kind }) => kind === 'python');
  const innermost = firstPython === -1 ? merged.length : firstPython;
  for (const [at, each] of [...merged.entries()].toReversed()) {
    if (each.kind === 'python') yield* pythonLines([each.frame], options);
    else if (options.native === 'all' || at < innermost) yield nativeLine(each.frame, options.style);
  }
}

/** Nothing is known of code that no file was mapped for, not even where it comes from. */
function nativeLine({ pc, file, line, module, symbol, isInlined }: NativeFrame, style: Style): string {
  const path = symbol === undefined ? module?.path : file;
  const name = `${escapeForTerminal(symbol ?? '???')}${isInlined ? ' (inlined)' : ''}`;
  const library = style.faint(escapeForTerminal(module?.path ?? `no file, ${hex(pc)}`));
  return `    ${style.blue('(C)')} File "${escapeForTerminal(path ?? '???')}", line ${line ?? 0}, in ${style.yellow(name)} (${library})`;
}

function* pythonLines(frames: readonly Frame[], options: PystackOptions): Generator<string> {
  const { style } = options;
  for (const frame of frames.toReversed()) {
    const file = escapeForTerminal(frame.filename);
    const name = style.yellow(escapeForTerminal(frame.name));
    yield `    ${style.green('(Python)')} File "${file}", line ${frame.position?.line ?? '?'}, in ${name}`;
    if (frame.sourceLine !== undefined && frame.sourceLine.trim() !== '')
      yield `        ${formatSourceLine(frame.sourceLine, frame.position, style)}`;
    if (options.showLocals) yield* variableLines(frame.variables ?? [], { style, indent: '      ' });
  }
}
