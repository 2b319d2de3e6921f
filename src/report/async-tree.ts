import { escapeForTerminal } from '../base/escaping.ts';
import type { AsyncLoop, AsyncTask } from '../model/async-task.ts';
import type { Frame } from '../model/frame.ts';
import type { Snapshot } from '../model/snapshot.ts';
import {
  formatPrimitive,
  formatState,
  formatTaskName,
  loopHeading,
  loopsWithTasks,
  type TaskNames,
  taskNamesOf,
  titleLines,
} from './async-layout.ts';
import type { Style } from './style.ts';
import { growForest, type TaskForest } from './task-forest.ts';
import { shortPlace } from './wait-words.ts';

/** How the tree of tasks is shown. */
export interface TreeOptions {
  readonly style: Style;
  /** Show one of several tasks that stand alike, and how many there are. */
  readonly fold: boolean;
}

/** Renders which task waits for which: below each task those that it waits for. Rings come first. */
export function* asyncTreeLines(snapshot: Snapshot, options: TreeOptions): Generator<string> {
  const loops = loopsWithTasks(snapshot);
  yield* titleLines('Async Task Tree', options.style);
  const names = taskNamesOf(loops);
  for (const loop of loops) {
    yield* loopHeading(loop, options.style);
    yield* loopLines(loop, { ...options, names });
    yield '';
  }
  if (loops.length > 0) return;
  yield 'No active coroutines/async tasks found.';
  yield '';
}

interface LoopOptions extends TreeOptions {
  readonly names: TaskNames;
}

function* loopLines({ tasks }: AsyncLoop, options: LoopOptions): Generator<string> {
  const forest = growForest(tasks);
  for (const cycle of forest.cycles.slice(0, MOST_CYCLES)) yield options.style.red(cycleLine(cycle));
  const more = forest.cycles.length - MOST_CYCLES;
  if (more > 0) yield options.style.red(`Cycles: ${more} more`);
  const shown = new Set<AsyncTask>();
  const left = entriesOf(forest, forest.roots, { below: '', level: 0 }, options).toReversed();
  for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
    const [task] = entry.tasks;
    if (task === undefined) continue;
    const isRepeated = shown.has(task) && forest.awaitedBy(task).length > 0;
    yield entryLine(entry, task, isRepeated, options);
    if (isRepeated) continue;
    shown.add(task);
    left.push(...entriesOf(forest, forest.awaitedBy(task), entry, options).toReversed());
  }
}

/** More tasks that wait for each other are counted. */
const MOST_CYCLES = 20;

/** Each waits for the next: for its end, or for a lock that it took at the place in parentheses. */
function cycleLine(cycle: readonly AsyncTask[]): string {
  const [first] = cycle;
  const parts = cycle.map((task, at) => {
    const next = cycle[at + 1] ?? first;
    const takenAt = task.waitsFor?.primitive?.holders.find((each) => each.task === next?.address)?.takenAt;
    const place = takenAt === undefined ? '' : ` (${shortPlace(takenAt)})`;
    return next === undefined ? '' : `${formatTaskName(next)}${place}`;
  });
  return `Cycle: ${[first === undefined ? '' : formatTaskName(first), ...parts].join(' waits for ')}`;
}

/** A line of the tree: a task, or several that stand alike. */
interface Entry {
  readonly tasks: readonly AsyncTask[];
  readonly before: string;
  /** What stands before the lines of those that it waits for. */
  readonly below: string;
  /** Of a root 1. */
  readonly level: number;
}

/** Further in, lines are not indented further but say how deep they are: a chain of 10,000 would be 150 MB of blanks. */
const MOST_LEVELS = 50;

function entriesOf(
  forest: TaskForest,
  tasks: readonly AsyncTask[],
  above: Pick<Entry, 'below' | 'level'>,
  { fold }: TreeOptions,
): readonly Entry[] {
  const groups = new Map<unknown, AsyncTask[]>();
  for (const task of tasks) {
    const key = fold ? forest.shapeOf(task) : task;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  const level = above.level + 1;
  const isDeep = level > MOST_LEVELS;
  return [...groups.values()].map((group, at) => {
    const isLast = at === groups.size - 1;
    return {
      tasks: group,
      level,
      before: `${above.below}${isLast ? '└─ ' : '├─ '}${isDeep ? `(level ${level}) ` : ''}`,
      below: isDeep ? above.below : `${above.below}${isLast ? '   ' : '│  '}`,
    };
  });
}

function entryLine(
  { tasks, before }: Entry,
  task: AsyncTask,
  isRepeated: boolean,
  options: LoopOptions,
): string {
  const { style } = options;
  const count = tasks.length === 1 ? '' : `${tasks.length} × `;
  const coroutine = escapeForTerminal(task.coroutineName ?? 'unknown');
  const parts = [
    `${style.faint(before)}${count}${style.yellow(coroutine)} (${namesOf(tasks)})`,
    `[${formatState(task.state, style)}]`,
    ...(isRepeated ? ['(its own are shown above)'] : placeOf(task, options)),
  ];
  return parts.join(' ');
}

/** How many names of tasks that stand alike are shown before the last. */
const MOST_NAMES = 3;

function namesOf(tasks: readonly AsyncTask[]): string {
  const names = tasks.map((task) => formatTaskName(task));
  if (names.length <= MOST_NAMES + 1) return names.join(', ');
  return [...names.slice(0, MOST_NAMES), '…', ...names.slice(-1)].join(', ');
}

function placeOf(task: AsyncTask, { style, names }: LoopOptions): readonly string[] {
  const frame = ownFrameOf(task);
  const primitive = formatPrimitive(task, names);
  return [
    ...(frame === undefined ? [] : [style.faint(`${escapeForTerminal(frame.filename)}:${lineOf(frame)}`)]),
    ...(frame === undefined ? [] : [`in ${escapeForTerminal(frame.name)}`]),
    ...(primitive === '' ? [] : [`waits for ${primitive}`]),
  ];
}

function lineOf({ position }: Frame): string {
  return `${position?.line ?? '?'}`;
}

/** The innermost frame that is not of asyncio itself, whose own would be the same for all. */
function ownFrameOf({ frames }: AsyncTask): Frame | undefined {
  return frames.find(({ filename }) => !/\/asyncio\/\w+\.py$/u.test(filename)) ?? frames[0];
}
