import type { SnapshotOptions } from '../api/index.ts';
import { BadArgumentError } from '../base/errors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { asyncLines } from '../report/async-layout.ts';
import { asyncTreeLines } from '../report/async-tree.ts';
import { greenletLines } from '../report/greenlet-layout.ts';
import type { Style } from '../report/style.ts';

/** What of a command line concerns the tasks of asyncio. */
export interface AsyncValues {
  readonly async: boolean;
  readonly allTasks: boolean;
  readonly tree: boolean;
  readonly noFold: boolean;
  readonly locals: boolean;
}

/** What a command means that has none of these options: the stacks of threads. */
export const NO_TASKS = { async: false, allTasks: false, tree: false, noFold: false } as const;

/** What to ask a snapshot for. */
export function asyncWish({
  async,
  allTasks,
}: Pick<AsyncValues, 'async' | 'allTasks'>): Pick<SnapshotOptions, 'async'> {
  return async ? { async: allTasks ? 'all' : 'unfinished' } : {};
}

/** The report of tasks that was asked for; `undefined` when none was. */
export function asyncReport(
  snapshot: Snapshot,
  { async, tree, noFold, locals }: AsyncValues,
  style: Style,
): Iterable<string> | undefined {
  if (!async) return undefined;
  const tasks = tree
    ? asyncTreeLines(snapshot, { style, fold: !noFold })
    : asyncLines(snapshot, { style, showLocals: locals });
  return inOrder(tasks, greenletLines(snapshot, { style, showLocals: locals }));
}

function* inOrder(...parts: readonly Iterable<string>[]): Generator<string> {
  for (const part of parts) yield* part;
}

/**
 * Refuses options that do not go together.
 * @throws {BadArgumentError} with the two that do not
 */
export function refuseAsync(
  values: AsyncValues & {
    readonly watch: number | undefined;
    readonly native: string | undefined;
    readonly format: string;
  },
): void {
  const { async, allTasks, tree, noFold, locals, watch, native, format } = values;
  if (!async) {
    for (const [isGiven, flag] of [[allTasks, '--all-tasks'] as const, [tree, '--tree'] as const])
      if (isGiven) throw new BadArgumentError(`Cannot use ${flag} without --async: it is about its tasks`);
  }
  if (noFold && !tree)
    throw new BadArgumentError('Cannot use --no-fold without --tree: only the tree folds tasks');
  if (tree && locals)
    throw new BadArgumentError('Cannot use --locals with --tree: it shows one frame of each task');
  if (!async) return;
  if (watch !== undefined)
    throw new BadArgumentError('Cannot use --watch with --async: leave out one of them');
  if (native !== undefined)
    throw new BadArgumentError(`Cannot use --${native} with --async: tasks have no native frames`);
  if (format !== 'pystack')
    throw new BadArgumentError(`Cannot use --format ${format} with --async: leave out one of them`);
}
