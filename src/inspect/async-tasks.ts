import type { Address } from '../base/address.ts';
import type { RawLoop, RawTask } from '../cpython/asyncio/tasks.ts';
import type { AsyncLoop, AsyncTask } from '../model/async-task.ts';
import type { Frame } from '../model/frame.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import type { AsyncInterpreter, AsyncPass } from './async-pass.ts';
import { framesOf, type PassThread } from './pass.ts';
import type { SourceLines } from './source-lines.ts';
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
  const running = new RunningFrames(look.threads, one);
  const tasksOf = new Map<Address | undefined, RawTask[]>();
  for (const task of raw.tasks) {
    const others = tasksOf.get(task.loop);
    if (others === undefined) tasksOf.set(task.loop, [task]);
    else others.push(task);
  }
  return raw.loops.flatMap((loop): readonly AsyncLoop[] => {
    const thread = threadOf(look.threads, one, loop);
    if (look.selected !== undefined && (thread === undefined || !look.selected.includes(thread))) return [];
    const [, labels] = thread ?? [];
    const tasks = (tasksOf.get(loop.address) ?? [])
      .filter(({ state }) => look.choice === 'all' || !HAS_ENDED[state])
      .map((task) => taskOf(target, { task, one, running, sources: look.sources }));
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
        tasks: tasks.toSorted(byAge),
      },
    ];
  });
}

const HAS_ENDED: Readonly<Record<RawTask['state'], boolean>> = {
  pending: false,
  waiting: false,
  running: false,
  finished: true,
  cancelled: true,
  failed: true,
};

/** The thread that runs a loop: its state says so, else the loop itself, which need not be true after a fork. */
function threadOf(
  threads: readonly LabelledThread[],
  { interpreter, raw }: AsyncInterpreter,
  { address, threadId }: RawLoop,
): LabelledThread | undefined {
  const own = threads.filter(([thread]) => thread.interpreter === interpreter);
  return (
    own.find(([{ state }]) => raw.runningLoops.get(state.address) === address) ??
    own.find(([{ state }]) => threadId !== undefined && state.threadId === threadId)
  );
}

/** Names that asyncio gives count upwards; those that somebody else gave come after them. */
function byAge(left: AsyncTask, right: AsyncTask): number {
  const [a, b] = [ageOf(left), ageOf(right)];
  if (a !== b) return a - b;
  const [leftName, rightName] = [left.name ?? '', right.name ?? ''];
  if (leftName !== rightName) return leftName < rightName ? -1 : 1;
  return left.address - right.address;
}

function ageOf({ name }: AsyncTask): number {
  const number = /^Task-(\d+)$/u.exec(name ?? '')?.[1];
  return number === undefined ? Number.MAX_SAFE_INTEGER : Number(number);
}

interface TaskToShow {
  readonly task: RawTask;
  readonly one: AsyncInterpreter;
  readonly running: RunningFrames;
  readonly sources: SourceLines;
}

function taskOf(target: Target, { task, one, running, sources }: TaskToShow): AsyncTask {
  const { address, name, state, coroutineName, waitsFor, awaitedBy, origin } = task;
  const problems = [...task.problems];
  const suspended = framesOf(
    target,
    { chain: task.chain, variables: one.variables === undefined ? undefined : variablesOf(one, task) },
    sources,
    problems,
  );
  const frames = [...running.framesOf(target, task, { sources, problems }), ...suspended];
  return { address, name, state, coroutineName, frames, waitsFor, awaitedBy, origin, problems };
}

function variablesOf({ variables }: AsyncInterpreter, task: RawTask): PassThread['variables'] {
  return variables?.get(task) ?? new Map();
}

interface Place {
  readonly thread: PassThread;
  /** Counted from the innermost frame. */
  readonly index: number;
}

/** Where on the stacks of threads the coroutines of running tasks are. */
class RunningFrames {
  readonly #places = new Map<Address, Place>();

  constructor(threads: readonly LabelledThread[], { interpreter, raw }: AsyncInterpreter) {
    const wanted = new Set(raw.tasks.flatMap(({ chain }) => chain.executing ?? []));
    if (wanted.size === 0) return;
    for (const [thread] of threads) {
      if (thread.interpreter !== interpreter) continue;
      for (const [index, { address }] of thread.chain.frames.entries())
        if (wanted.has(address)) this.#places.set(address, { thread, index });
    }
  }

  /** The frames of a task that runs: those of its thread, in to where the task of another coroutine begins. */
  framesOf(
    target: Target,
    { chain }: RawTask,
    { sources, problems }: { readonly sources: SourceLines; readonly problems: Problem[] },
  ): readonly Frame[] {
    const place = chain.executing === undefined ? undefined : this.#places.get(chain.executing);
    if (place === undefined) return [];
    const { thread, index } = place;
    const inner = [...this.#places.values()].filter(
      (other) => other.thread === thread && other.index < index,
    );
    const first = Math.max(-1, ...inner.map((other) => other.index)) + 1;
    const addresses = new Set(thread.chain.frames.slice(first, index + 1).map(({ address }) => address));
    return framesOf(target, thread, sources, problems).filter(({ address }) => addresses.has(address));
  }
}
