import type { KeptPages } from '../base/page-cache.ts';
import type { Target } from '../target/target.ts';
import { type AsyncPass, readAsyncPass, rememberCode } from './async-pass.ts';
import type { Pass, PassOptions } from './pass.ts';

/** The tasks of a target that runs, and the memory that they were read from. */
export interface RehearsedTasks {
  readonly asyncTasks: AsyncPass;
  /** `undefined` when that is more than can be kept. */
  readonly pages: KeptPages | undefined;
  /** Where they were looked for. */
  readonly places: readonly number[];
}

type Threads = Pick<Pass, 'interpreters' | 'threads'>;

/** Reads the tasks from nothing but memory that is read for them, so that it tells whether they have changed. */
export function rehearseTasks(target: Target, threads: Threads, options: PassOptions): RehearsedTasks {
  target.memory.clear();
  target.codeObjects.beginPass();
  target.objects.forget();
  const asyncTasks = readAsyncPass(target, threads, options);
  return { asyncTasks, pages: target.memory.touchedBytes(), places: placesOf(threads) };
}

/**
 * The tasks as they stand in memory now. Where all that they were read from before is still the same they are too: a
 * process that hangs is not read twice.
 */
export function readTasksAgain(
  target: Target,
  threads: Threads,
  { options, before }: { readonly options: PassOptions; readonly before: RehearsedTasks | undefined },
): AsyncPass {
  if (before === undefined || !isSame(target, threads, before))
    return readAsyncPass(target, threads, options);
  const interpreters = new Map(threads.interpreters.map((each) => [each.facts.address, each]));
  return before.asyncTasks.map((one) => {
    rememberCode(target, one.raw.tasks);
    return { ...one, interpreter: interpreters.get(one.interpreter.facts.address) ?? one.interpreter };
  });
}

function isSame({ memory }: Target, threads: Threads, { pages, places }: RehearsedTasks): boolean {
  const now = placesOf(threads);
  const isThere = now.length === places.length && now.every((place, at) => place === places[at]);
  return isThere && pages !== undefined && memory.holdsSame(pages);
}

function placesOf({ interpreters, threads }: Threads): readonly number[] {
  return [...interpreters.map(({ facts }) => facts.address), ...threads.map(({ state }) => state.address)];
}
