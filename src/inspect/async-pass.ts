import type { Address } from '../base/address.ts';
import { type RawTask, type RawTasks, readTasks } from '../cpython/asyncio/tasks.ts';
import type { InterpreterState } from '../cpython/interpreters.ts';
import type { Variable } from '../model/object-view.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import { readAllVariables } from './all-variables.ts';
import type { Pass, PassOptions } from './pass.ts';

/** The asyncio tasks of all interpreters as they stand in memory. */
export type AsyncPass = readonly AsyncInterpreter[];

/** The asyncio tasks of one interpreter. */
export interface AsyncInterpreter {
  readonly interpreter: InterpreterState;
  readonly raw: RawTasks;
  /** The variables of each task's frames; `undefined` when they were not asked for. */
  readonly variables: ReadonlyMap<RawTask, ReadonlyMap<Address, readonly Variable[]>> | undefined;
  readonly problems: readonly Problem[];
}

/** Reads the tasks of all interpreters that have imported asyncio. */
export function readAsyncPass(
  target: Target,
  { interpreters, threads }: Pick<Pass, 'interpreters' | 'threads'>,
  { withVariables }: Pick<PassOptions, 'withVariables'>,
): AsyncPass {
  const { objects, codeObjects } = target;
  return interpreters.flatMap((interpreter) => {
    const threadStates = threads
      .filter((thread) => thread.interpreter === interpreter)
      .map(({ state }) => state.address);
    const search = { interpreter: interpreter.facts.address, threadStates };
    const raw = readTasks(objects, codeObjects, search);
    if (raw === undefined) return [];
    const problems: Problem[] = [...raw.problems];
    rememberCode(target, raw.tasks);
    const variables = withVariables
      ? new Map(raw.tasks.map((task) => [task, readAllVariables(target, task.chain, problems)]))
      : undefined;
    return [{ interpreter, raw, variables, problems }];
  });
}

/** Reads the code that tasks run, so that it is known when they are shown. */
export function rememberCode({ codeObjects }: Target, tasks: readonly RawTask[]): void {
  for (const { chain } of tasks)
    for (const { code } of chain.frames) if (code !== undefined) codeObjects.remember(code);
}
