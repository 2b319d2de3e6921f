import type { Address } from '../base/address.ts';
import type { RawLoop, RawTask } from '../cpython/asyncio/tasks.ts';
import type { AsyncLoop, AsyncTask, Awaited, LoopTurn, PrimitiveHolder } from '../model/async-task.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import type { AsyncInterpreter, AsyncPass } from './async-pass.ts';
import { placeAt } from './locks/places.ts';
import type { HoldingTask } from './locks/task-statements.ts';
import { framesOf, type PassThread } from './pass.ts';
import { loopThreadOf } from './running-tasks.ts';
import type { SourceLines } from './source-lines.ts';
import { byAge } from './task-order.ts';
import type { LabelledThread } from './thread-labels.ts';

/** Which tasks of asyncio a snapshot shall hold. */
export type AsyncChoice = 'unfinished' | 'all';

/** What the tasks of a look are put together from. */
export interface AsyncLook {
  readonly asyncTasks: AsyncPass;
  /** All threads of the look: a task that runs is on the stack of one. */
  readonly threads: readonly LabelledThread[];
  /** Those whose loops are wanted; `undefined` for all loops, also those that no thread runs. */
  readonly selected: readonly LabelledThread[] | undefined;
  readonly choice: AsyncChoice;
  /** What the monotonic clock said at the moment of the look. */
  readonly monotonicSeconds: number | undefined;
  readonly sources: SourceLines;
}

/** The event loops of a look and their tasks as the model has them; those that run come first. */
export function asyncLoopsOf(target: Target, look: AsyncLook, problems: Problem[]): readonly AsyncLoop[] {
  const loops = look.asyncTasks.flatMap((one) => {
    problems.push(...one.problems);
    return loopsOf(target, look, one);
  });
  return [...loops.filter(({ isRunning }) => isRunning), ...loops.filter(({ isRunning }) => !isRunning)];
}

function loopsOf(target: Target, look: AsyncLook, one: AsyncInterpreter): readonly AsyncLoop[] {
  const { raw, interpreter } = one;
  const own = look.threads.map(([thread]) => thread).filter((thread) => thread.interpreter === interpreter);
  const tasksOf = new Map<Address | undefined, RawTask[]>();
  for (const task of raw.tasks) {
    const others = tasksOf.get(task.loop);
    if (others === undefined) tasksOf.set(task.loop, [task]);
    else others.push(task);
  }
  return raw.loops.flatMap((loop): readonly AsyncLoop[] => {
    const running = loopThreadOf(own, raw, loop);
    const thread = look.threads.find(([each]) => each === running);
    if (look.selected !== undefined && (thread === undefined || !look.selected.includes(thread))) return [];
    const [, labels] = thread ?? [];
    const tasks = (tasksOf.get(loop.address) ?? [])
      .filter(({ state }) => look.choice === 'all' || !HAS_ENDED[state])
      .map((task) => taskOf(target, { task, one, sources: look.sources }));
    return [
      {
        address: loop.address,
        typeName: loop.typeName,
        interpreterId: interpreter.facts.id,
        isRunning: thread !== undefined,
        isClosed: loop.isClosed,
        osThreadId: labels?.osThreadId,
        pthreadId: labels?.pthreadId,
        threadName: labels?.pythonName,
        turn: thread === undefined ? undefined : turnOf(loop, look.monotonicSeconds),
        tasks: tasks.toSorted(byAge),
      },
    ];
  });
}

/** Tells what shows whether a loop turns; a timer that is due in the future shows nothing. */
export function turnOf({ turn }: RawLoop, now: number | undefined): LoopTurn | undefined {
  if (turn === undefined) return undefined;
  const { readyCount, nextTimerSeconds: due } = turn;
  const isOverdue = due !== undefined && now !== undefined && due < now && Number.isFinite(due);
  return { readyCount, overdueSeconds: isOverdue ? now - due : undefined };
}

const HAS_ENDED: Readonly<Record<RawTask['state'], boolean>> = {
  pending: false,
  waiting: false,
  running: false,
  finished: true,
  cancelled: true,
  failed: true,
};

interface TaskToShow {
  readonly task: RawTask;
  readonly one: AsyncInterpreter;
  readonly sources: SourceLines;
}

function taskOf(target: Target, { task, one, sources }: TaskToShow): AsyncTask {
  const { address, name, state, coroutineName, awaitedBy, origin } = task;
  const waitsFor = awaitedOf(target, task, one);
  const problems = [...task.problems];
  const suspended = framesOf(
    target,
    { chain: task.chain, variables: one.variables === undefined ? undefined : variablesOf(one, task) },
    sources,
    problems,
  );
  const frames = [...runningFramesOf(target, { task, one, sources }, problems), ...suspended];
  return { address, name, state, coroutineName, frames, waitsFor, awaitedBy, origin, problems };
}

function variablesOf({ variables }: AsyncInterpreter, task: RawTask): PassThread['variables'] {
  return variables?.get(task) ?? new Map();
}

/** The frames of a task that runs, as those of its thread. */
function runningFramesOf(
  target: Target,
  { task, one, sources }: TaskToShow,
  problems: Problem[],
): AsyncTask['frames'] {
  const calls = one.running.callsOf(task);
  if (calls === undefined) return [];
  const addresses = new Set(calls.frames.map(({ address }) => address));
  return framesOf(target, calls.thread, sources, problems).filter(({ address }) => addresses.has(address));
}

function awaitedOf(target: Target, { waitsFor }: RawTask, one: AsyncInterpreter): Awaited | undefined {
  if (waitsFor?.primitive === undefined) return waitsFor && { ...waitsFor, primitive: undefined };
  const { address, typeName } = waitsFor.primitive;
  const { isHeld, holders = [], areAllHolders = false } = one.primitives.get(address) ?? {};
  return {
    ...waitsFor,
    primitive: {
      address,
      typeName,
      isHeld,
      holders: holders.map((holder) => holderOf(target, holder)),
      areAllHolders,
    },
  };
}

function holderOf(target: Target, { task, held }: HoldingTask): PrimitiveHolder {
  const { frame, instructionOffset: offset } = held;
  return {
    task: task.address,
    takenAt: offset === undefined ? undefined : placeAt(target, frame, offset),
  };
}
