import type { Address } from '../../base/address.ts';
import type { RawAwaited, RawTask } from '../../cpython/asyncio/tasks.ts';
import type { ObjectName } from '../../model/thread-wait.ts';
import type { TaskWait } from '../../model/waiting-task.ts';
import type { Target } from '../../target/target.ts';
import type { AsyncInterpreter } from '../async-pass.ts';
import type { Pass, PassThread } from '../pass.ts';
import { loopThreadOf } from '../running-tasks.ts';
import { byAge } from '../task-order.ts';
import { nameOfObject } from './object-names.ts';
import { callOfAsyncio } from './places.ts';
import type { ReadPrimitive } from './primitives.ts';
import { holdingTask, type ReadHolder } from './read-holders.ts';
import { awaitsSurely, hasTimeout } from './task-limits.ts';

/** What one task waits for and who holds that, as it was read at one moment. */
export interface ReadTask {
  readonly task: RawTask;
  readonly interpreter: AsyncInterpreter;
  /** The thread that runs its loop. */
  readonly thread: PassThread | undefined;
  readonly wait: TaskWait | undefined;
  readonly hasTimeLimit: boolean;
  readonly holders: readonly ReadHolder[];
  readonly areAllHolders: boolean;
  /** The tasks whose end it waits for, all of them. */
  readonly awaits: readonly RawTask[];
}

/**
 * Reads what tasks wait for: those that wait for a lock or a semaphore of asyncio or hold one, those that hold what a thread
 * waits for, and those on whose end any of these waits, or that wait for theirs. Tasks that merely sleep are left out.
 * @param wanted those that threads wait for
 */
export function readTaskWaits(
  target: Target,
  { asyncTasks = [], threads }: Pass,
  wanted: ReadonlySet<RawTask>,
): readonly ReadTask[] {
  return asyncTasks.flatMap((one) => {
    const own = threads.filter(({ interpreter }) => interpreter === one.interpreter);
    return new TaskWaits(target, one, own).read(wanted);
  });
}

type Edges = ReadonlyMap<RawTask, readonly RawTask[]>;

class TaskWaits {
  readonly #target: Target;
  readonly #one: AsyncInterpreter;
  readonly #threads: readonly PassThread[];
  readonly #awaits: Edges;
  readonly #names = new Map<Address, ObjectName | undefined>();
  readonly #loopThreads = new Map<Address, PassThread | undefined>();

  constructor(target: Target, one: AsyncInterpreter, threads: readonly PassThread[]) {
    this.#target = target;
    this.#one = one;
    this.#threads = threads;
    this.#awaits = new Map(
      [...awaitedTasks(one.raw.tasks)].map(([task, awaited]) => [
        task,
        awaitsSurely(target, { task, awaited, statements: one.statements }),
      ]),
    );
  }

  read(wanted: ReadonlySet<RawTask>): readonly ReadTask[] {
    const { tasks } = this.#one.raw;
    const ahead = new Map(
      tasks.map((task) => [
        task,
        [...this.#awaitedBy(task), ...this.#holdersOf(task).map((each) => each.task)],
      ]),
    );
    const behind = inverted(ahead);
    const contenders = tasks.filter((task) => wanted.has(task) || this.#isContender(task));
    const seeds = [...contenders, ...withoutEnd(ahead, behind)];
    const reached = new Set([...reach(seeds, ahead), ...reach(seeds, behind)]);
    return [...reached].toSorted(byAge).map((task) => this.#describe(task));
  }

  #awaitedBy(task: RawTask): readonly RawTask[] {
    return this.#awaits.get(task) ?? [];
  }

  #holdersOf(task: RawTask): ReadPrimitive['holders'] {
    return this.#primitiveOf(task)?.holders ?? [];
  }

  #primitiveOf({ state, waitsFor }: RawTask): ReadPrimitive | undefined {
    const address = waitsFor?.primitive?.address;
    return state !== 'waiting' || address === undefined ? undefined : this.#one.primitives.get(address);
  }

  #isContender(task: RawTask): boolean {
    const kind = this.#primitiveOf(task)?.facts?.kind;
    return kind === 'lock' || kind === 'semaphore';
  }

  #describe(task: RawTask): ReadTask {
    const primitive = this.#primitiveOf(task);
    const awaits = this.#awaitedBy(task);
    return {
      task,
      interpreter: this.#one,
      thread: this.#threadOf(task),
      wait: task.state === 'waiting' ? this.#waitOf(task, primitive, awaits.length > 0) : undefined,
      hasTimeLimit: task.state === 'waiting' && hasTimeout(this.#target, this.#one.statements, task),
      holders: (primitive?.holders ?? []).map(holdingTask),
      areAllHolders: primitive?.areAllHolders === true,
      awaits,
    };
  }

  #threadOf({ loop }: RawTask): PassThread | undefined {
    if (loop === undefined) return undefined;
    if (!this.#loopThreads.has(loop)) {
      const raw = this.#one.raw.loops.find(({ address }) => address === loop);
      this.#loopThreads.set(loop, raw && loopThreadOf(this.#threads, this.#one.raw, raw));
    }
    return this.#loopThreads.get(loop);
  }

  #waitOf(task: RawTask, primitive: ReadPrimitive | undefined, awaitsTasks: boolean): TaskWait | undefined {
    const { waitsFor } = task;
    if (waitsFor === undefined) return undefined;
    const known = primitive?.facts && this.#primitiveWait(task, waitsFor, primitive.facts);
    if (known !== undefined) return known;
    if (awaitsTasks) return { kind: 'tasks' };
    const { typeName, address } = waitsFor;
    const call = callOfAsyncio(this.#target, this.#one.statements.framesOf(task));
    return { kind: 'awaitable', typeName, address, call };
  }

  #primitiveWait(
    task: RawTask,
    { primitive }: RawAwaited,
    facts: NonNullable<ReadPrimitive['facts']>,
  ): TaskWait | undefined {
    if (primitive === undefined) return undefined;
    const { address, typeName, method } = primitive;
    const object = { address, typeName, name: this.#nameOf(task, address) };
    switch (facts.kind) {
      case 'lock':
        return { kind: 'lock', object, isLocked: facts.isLocked };
      case 'semaphore':
        return { kind: 'semaphore', object, value: facts.value };
      case 'queue': {
        const { length, maxSize, unfinished } = facts;
        const operation = method === 'put' || method === 'join' ? method : 'get';
        return { kind: 'queue', operation, object, length, maxSize, unfinished };
      }
      case 'condition':
      case 'event':
      case 'barrier':
        return { kind: facts.kind, object };
      default:
        return facts satisfies never;
    }
  }

  /** One waiter is enough to tell what a thing is called: ten thousand would say the same. */
  #nameOf(task: RawTask, address: Address): ObjectName | undefined {
    if (!this.#names.has(address))
      this.#names.set(address, nameOfObject(this.#target, this.#one.statements.framesOf(task), address));
    return this.#names.get(address);
  }
}

/** Turns around who is awaited by whom. */
function awaitedTasks(tasks: readonly RawTask[]): Edges {
  const byAddress = new Map(tasks.map((task) => [task.address, task]));
  const awaited = new Map<RawTask, RawTask[]>();
  for (const task of tasks) {
    if (HAS_ENDED.has(task.state)) continue;
    for (const address of task.awaitedBy) {
      const awaiter = byAddress.get(address);
      if (awaiter !== undefined) addTo(awaited, awaiter, task);
    }
  }
  return awaited;
}

const HAS_ENDED: ReadonlySet<RawTask['state']> = new Set(['finished', 'cancelled', 'failed']);

function inverted(edges: Edges): Edges {
  const found = new Map<RawTask, RawTask[]>();
  for (const [from, all] of edges) for (const to of all) addTo(found, to, from);
  return found;
}

function addTo(edges: Map<RawTask, RawTask[]>, from: RawTask, to: RawTask): void {
  const known = edges.get(from);
  if (known === undefined) edges.set(from, [to]);
  else known.push(to);
}

/** The tasks from which the way ahead leads into a circle: what is left when all ends have been taken off. */
function withoutEnd(ahead: Edges, behind: Edges): readonly RawTask[] {
  const left = new Map([...ahead].map(([task, next]) => [task, next.length]));
  const ends = [...left].filter(([, count]) => count === 0).map(([task]) => task);
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    left.delete(end);
    for (const task of behind.get(end) ?? []) {
      const count = (left.get(task) ?? 1) - 1;
      left.set(task, count);
      if (count === 0) ends.push(task);
    }
  }
  return [...left.keys()];
}

function reach(seeds: readonly RawTask[], edges: Edges): ReadonlySet<RawTask> {
  const reached = new Set(seeds);
  // What is added while a set is gone through is gone through too.
  for (const task of reached) for (const next of edges.get(task) ?? []) reached.add(next);
  return reached;
}
