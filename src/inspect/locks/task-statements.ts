import type { Address } from '../../base/address.ts';
import type { RawTask } from '../../cpython/asyncio/tasks.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import type { Target } from '../../target/target.ts';
import type { RunningTasks } from '../running-tasks.ts';
import { type HeldLock, readHeldLocks, readStatements, type Statement } from './lock-holders.ts';

/** A task that stands in the body of a `with` or `async with` statement of a lock. */
export interface HoldingTask {
  readonly task: RawTask;
  /** The outermost statement, which took it. */
  readonly held: HeldLock;
  /** It does not run, so that the statement is on no thread's stack. */
  readonly isSuspended: boolean;
}

/** The `with` statements in whose bodies the tasks of an interpreter stand; looked for once somebody asks. */
export class TaskStatements {
  readonly #target: Target;
  readonly #tasks: readonly RawTask[];
  readonly #running: RunningTasks;
  readonly #byTask = new Map<RawTask, readonly Statement[]>();
  #byLock: ReadonlyMap<Address, readonly HoldingTask[]> | undefined;

  constructor(target: Target, tasks: readonly RawTask[], running: RunningTasks) {
    this.#target = target;
    this.#tasks = tasks;
    this.#running = running;
  }

  /** The tasks that hold a lock, each once. More than one mean that all but one have let go of it. */
  holdersOf(lock: Address): readonly HoldingTask[] {
    this.#byLock ??= this.#readHolders();
    return this.#byLock.get(lock) ?? [];
  }

  /** The statements in whose bodies a task stands, innermost first. */
  of(task: RawTask): readonly Statement[] {
    const known = this.#byTask.get(task);
    if (known !== undefined) return known;
    const statements = readStatements(this.#target, this.framesOf(task));
    this.#byTask.set(task, statements);
    return statements;
  }

  /** The calls of a task, innermost first: those that are suspended, or those on the stack of its thread. */
  framesOf(task: RawTask): readonly RawFrame[] {
    return [...(this.#running.callsOf(task)?.frames ?? []), ...task.chain.frames];
  }

  #readHolders(): ReadonlyMap<Address, readonly HoldingTask[]> {
    const byLock = new Map<Address, HoldingTask[]>();
    for (const task of this.#tasks) {
      const isSuspended = task.chain.executing === undefined;
      // Outermost last, so that of several statements of one lock that one stays.
      const own = new Map(
        readHeldLocks(this.#target, this.framesOf(task), this.of(task)).map((held) => [held.lock, held]),
      );
      for (const held of own.values()) {
        const others = byLock.get(held.lock);
        if (others === undefined) byLock.set(held.lock, [{ task, held, isSuspended }]);
        else others.push({ task, held, isSuspended });
      }
    }
    return byLock;
  }
}
