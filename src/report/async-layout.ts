import { type Address, hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type { AsyncLoop, AsyncTask, TaskState } from '../model/async-task.ts';
import type { Frame } from '../model/frame.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { overdueLine } from './loop-words.ts';
import { formatSourceLine } from './source-line.ts';
import type { Style } from './style.ts';
import { variableLines } from './variable-lines.ts';
import { shortPlace } from './wait-words.ts';

/** What a report of asyncio tasks shows beside them. */
export interface AsyncOptions {
  readonly style: Style;
  readonly showLocals: boolean;
}

/** Above and below a report, and below its title. */
export const WIDE_RULE = '='.repeat(60);
/** Below the name of a thread. */
export const NARROW_RULE = '-'.repeat(50);

/** Renders the asyncio tasks of a process in PyFlightProfiler's layout, a task's outermost frame first. */
export function* asyncLines(snapshot: Snapshot, options: AsyncOptions): Generator<string> {
  const loops = loopsWithTasks(snapshot);
  yield* titleLines('Async Coroutine/Task Stacks', options.style);
  const names = taskNamesOf(loops);
  for (const loop of loops) {
    yield* loopHeading(loop, options.style);
    for (const [at, task] of loop.tasks.entries()) {
      yield '';
      yield* taskLines(task, at + 1, { ...options, names });
    }
    yield '';
  }
  if (loops.length === 0) {
    yield 'No active coroutines/async tasks found.';
    yield '';
  }
  yield WIDE_RULE;
}

/** The loops that there is something to say of. */
export function loopsWithTasks({ asyncLoops = [] }: Snapshot): readonly AsyncLoop[] {
  return asyncLoops.filter(({ tasks }) => tasks.length > 0);
}

/** Renders the title of a report of tasks. */
export function* titleLines(title: string, style: Style): Generator<string> {
  yield WIDE_RULE;
  yield style.green(title);
  yield WIDE_RULE;
  yield '';
}

/** Renders which thread runs a loop. */
export function* loopHeading(loop: AsyncLoop, style: Style): Generator<string> {
  yield style.blue(`Thread: ${threadOf(loop)}`);
  yield NARROW_RULE;
  const late = overdueLine(loop.turn);
  if (late !== undefined) yield style.yellow(`  Loop: ${late}`);
}

/** What tasks are called, by their addresses. */
export type TaskNames = ReadonlyMap<Address, string>;

/** Names the tasks of loops, so that others can be said to wait for them. */
export function taskNamesOf(loops: readonly AsyncLoop[]): TaskNames {
  return new Map(loops.flatMap(({ tasks }) => tasks.map((task) => [task.address, formatTaskName(task)])));
}

function threadOf({ isRunning, isClosed, threadName, pthreadId, typeName, address }: AsyncLoop): string {
  if (isRunning) {
    const tid = pthreadId === undefined ? '?' : hex(pthreadId);
    return `${escapeForTerminal(threadName ?? 'unknown')} (tid: ${tid})`;
  }
  const state = isClosed === true ? 'is closed' : 'does not run';
  return `none (${escapeForTerminal(typeName)} at ${hex(address)} ${state})`;
}

interface TaskOptions extends AsyncOptions {
  readonly names: TaskNames;
}

function* taskLines(task: AsyncTask, number: number, options: TaskOptions): Generator<string> {
  const { style, names } = options;
  yield `  Task #${number}: ${style.yellow(formatTaskName(task))}`;
  yield `    State: ${formatState(task.state, style)}`;
  yield `    Coroutine: ${escapeForTerminal(task.coroutineName ?? 'unknown')}`;
  if (task.waitsFor?.primitive !== undefined) yield `    Waits for: ${formatPrimitive(task, names)}`;
  yield* outermostFirstLines(task.frames, options);
  if (task.origin === undefined) return;
  yield '    Created at:';
  for (const { filename, line, name } of task.origin)
    yield `      File "${escapeForTerminal(filename)}", line ${line ?? '?'}, in ${escapeForTerminal(name)}`;
}

/** Renders the frames of something that is suspended, outermost first. */
export function* outermostFirstLines(frames: readonly Frame[], options: AsyncOptions): Generator<string> {
  if (frames.length === 0) {
    yield '    Stack: no frames';
    return;
  }
  yield `    Stack (${frames.length} frames):`;
  for (const frame of frames.toReversed()) yield* frameLines(frame, options);
}

function* frameLines(frame: Frame, { style, showLocals }: AsyncOptions): Generator<string> {
  const { filename, position, name, sourceLine, variables = [] } = frame;
  const place = `File "${escapeForTerminal(filename)}", line ${position?.line ?? '?'}`;
  yield `      ${place}, in ${style.yellow(escapeForTerminal(name))}`;
  if (sourceLine !== undefined && sourceLine.trim() !== '')
    yield `        ${formatSourceLine(sourceLine, position, style)}`;
  if (showLocals) yield* variableLines(variables, { style, indent: '        ' });
}

/** Tasks of 3.7 and before have no names. */
export function formatTaskName({ name, address }: AsyncTask): string {
  return escapeForTerminal(name ?? `task at ${hex(address)}`);
}

/** Renders the lock or queue that a task waits for, by its type and where it lies, and who holds it as far as that is known. */
export function formatPrimitive({ waitsFor }: AsyncTask, names: TaskNames): string {
  const primitive = waitsFor?.primitive;
  if (primitive === undefined) return '';
  const { typeName, address, isHeld, holders } = primitive;
  const what = `${escapeForTerminal(typeName)} at ${hex(address)}`;
  if (isHeld === undefined) return what;
  if (!isHeld) return `${what}, free by now`;
  if (holders.length === 0) return `${what}, owner unknown`;
  const shown = holders.slice(0, MOST_HOLDERS).map(({ task, takenAt }) => {
    const name = names.get(task) ?? `at ${hex(task)}`;
    return `task ${name}${takenAt === undefined ? '' : ` (${shortPlace(takenAt)})`}`;
  });
  const more = holders.length - shown.length;
  return `${what}, held by ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

const MOST_HOLDERS = 5;

const PAINTS: Readonly<Record<TaskState, keyof Style>> = {
  pending: 'yellow',
  waiting: 'blue',
  running: 'green',
  finished: 'faint',
  cancelled: 'faint',
  failed: 'red',
};

/** Renders a state as PyFlightProfiler names it. */
export function formatState(state: TaskState, style: Style): string {
  return style[PAINTS[state]](state.toUpperCase());
}
