import type { AsyncLoop, AsyncTask } from '../../src/model/async-task.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { GroundTruth, TrueFrame } from './ground-truth.ts';
import { seenFrame, trueFrame } from './seen-threads.ts';

/** A task as the target described it. */
export interface TrueTask {
  /** `id()` of the task. */
  readonly address: number;
  readonly state: string;
  readonly loop: number;
  /** Absent to 3.7. */
  readonly name?: string;
  readonly coroutine: string | null;
  readonly awaitedBy: readonly number[];
  readonly primitive: number | null;
  /** Innermost first; `null` for one that runs. */
  readonly frames: readonly TrueFrame[] | null;
  readonly origin: readonly (readonly [file: string, line: number, name: string])[];
}

/** What `async-tasks.py` says of its tasks. */
export interface AsyncTruth {
  readonly tasks: readonly TrueTask[];
  /** Addresses of what `asyncio.all_tasks()` has: those that have not ended. */
  readonly live: readonly number[];
  readonly loops: readonly number[];
  readonly implementation: string;
}

/** What a target says of its tasks. */
export function asyncTruthOf({ facts }: GroundTruth): AsyncTruth {
  const truth: Partial<AsyncTruth> = facts;
  const { tasks, live, loops, implementation } = truth;
  if (tasks === undefined || live === undefined || loops === undefined || implementation === undefined)
    throw new RangeError('the target said nothing of tasks');
  return { tasks, live, loops, implementation };
}

/** The tasks of a target in words that the snapshot has too, by address. The frames of one that runs are left out. */
export function trueTasks({ tasks }: Pick<AsyncTruth, 'tasks'>): readonly unknown[] {
  return tasks.toSorted((a, b) => a.address - b.address).map((task) => describeTrue(task));
}

function describeTrue(task: TrueTask) {
  const { address, state, loop, name, coroutine, awaitedBy, primitive, frames, origin } = task;
  return {
    address,
    state,
    loop,
    name: name ?? null,
    coroutine,
    awaitedBy: awaitedBy.toSorted((a, b) => a - b),
    primitive,
    origin,
    frames: frames === null ? null : frames.map(trueFrame),
  };
}

/** The tasks of a snapshot in the same words. */
export function seenTasks(snapshot: Snapshot): readonly unknown[] {
  return (snapshot.asyncLoops ?? [])
    .flatMap((loop) => loop.tasks.map((task) => ({ loop, task })))
    .toSorted((a, b) => a.task.address - b.task.address)
    .map(({ loop, task }) => describeSeen(loop, task));
}

function describeSeen(loop: AsyncLoop, task: AsyncTask) {
  const { address, state, name, coroutineName, awaitedBy, waitsFor, origin, frames } = task;
  return {
    address,
    state,
    loop: loop.address,
    name: name ?? null,
    coroutine: coroutineName ?? null,
    awaitedBy: awaitedBy.toSorted((a, b) => a - b),
    primitive: waitsFor?.primitive?.address ?? null,
    origin: (origin ?? []).map((each) => [each.filename, each.line, each.name]),
    frames: state === 'running' ? null : frames.map(seenFrame),
  };
}
