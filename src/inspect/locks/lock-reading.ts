import type { Address } from '../../base/address.ts';
import { gilStateOf } from '../../cpython/gil-state.ts';
import type { ThreadActivity } from '../../model/thread-stack.ts';
import type { HolderEvidence, Wait } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';
import { futexWaitedOn } from '../futex-waits.ts';
import type { OsThread } from '../os-threads.ts';
import type { Pass, PassThread } from '../pass.ts';
import { type HeldLock, readHeldLocks } from './lock-holders.ts';
import { holdingTask, placeOfStatement, type ReadHolder } from './read-holders.ts';
import type { CallArguments } from './system-calls.ts';
import { type ReadTask, readTaskWaits } from './task-waits.ts';
import { waitReasonOf } from './wait-reasons.ts';
import type { WaitReason } from './waited-objects.ts';

/** What one thread waits for and who holds that, as it was read at one moment. */
export interface ReadWait {
  readonly wait: Wait;
  /** The arguments of a system call that waits for no lock. */
  readonly call: CallArguments | undefined;
  readonly holder: ReadHolder | undefined;
}

/** What is known of the threads at the moment of a pass. */
export interface SeenThreads {
  readonly pass: Pass;
  readonly osThreads: ReadonlyMap<PassThread, OsThread>;
  /** By the kernel's id of the thread. */
  readonly activities: ReadonlyMap<number, ThreadActivity>;
  /** The kernel's threads, from the id in the target's pid namespace to the one in ours. */
  readonly tasks: ReadonlyMap<number, number>;
}

/** What the threads and tasks of a pass wait for, and who holds that. */
export interface LockReading {
  /** Without those that do not wait. */
  readonly threads: ReadonlyMap<PassThread, ReadWait>;
  /** Those that wait for a lock or hold one, and those on whose end they wait, and so on. */
  readonly tasks: readonly ReadTask[];
}

/** Reads what every blocked thread waits for, and who holds it, from the memory of the same moment; tasks likewise. */
export function readLocks(target: Target, seen: SeenThreads): LockReading {
  const reasons = new Map<PassThread, WaitReason>();
  for (const thread of seen.pass.threads) {
    const reason = reasonOf(target, seen, thread);
    if (reason !== undefined) reasons.set(thread, reason);
  }
  const holders = new Holders(target, seen);
  const threads = new Map(
    [...reasons].map(([thread, reason]): [PassThread, ReadWait] => [
      thread,
      { wait: reason.wait, call: reason.call, holder: holders.of(thread, reason) },
    ]),
  );
  const wanted = new Set([...threads.values()].flatMap(({ holder }) => holder?.task ?? []));
  return { threads, tasks: readTaskWaits(target, seen.pass, wanted) };
}

function reasonOf(
  target: Target,
  { osThreads, activities }: SeenThreads,
  thread: PassThread,
): WaitReason | undefined {
  const id = osThreads.get(thread)?.id;
  const activity = id === undefined ? undefined : activities.get(id);
  if (activity === undefined) return undefined;
  // A thread that has let go of the GIL wakes those that wait, at the same address.
  const isAsleep = futexWaitedOn(activity) !== undefined;
  if (isAsleep && gilStateOf(thread.interpreter, thread.state, activity) === 'waits')
    return { wait: { kind: 'gil' } };
  return activity.state === 'blocked' ? waitReasonOf(target, thread, activity) : undefined;
}

interface HeldByThread extends HeldLock {
  readonly thread: PassThread;
}

/** Who holds what; looks through the `with` statements of all threads only when it must. */
class Holders {
  readonly #target: Target;
  readonly #seen: SeenThreads;
  #heldLocks: readonly HeldByThread[] | undefined;

  constructor(target: Target, seen: SeenThreads) {
    this.#target = target;
    this.#seen = seen;
  }

  of(waiter: PassThread, reason: WaitReason): ReadHolder | undefined {
    if (reason.wait.kind === 'gil') return this.#byState(waiter);
    if (reason.ownerThreadId !== undefined) return this.#byTask(reason.ownerThreadId);
    if (reason.joinedIdent !== undefined)
      return this.#byIdent(waiter, reason.joinedIdent, 'joined', undefined);
    const place = 'object' in reason.wait ? reason.wait.object.address : undefined;
    const owner = reason.ownerIdent ?? reason.lock?.owner;
    if (owner !== undefined) return this.#byIdent(waiter, owner, 'owner', place);
    return reason.lock?.isLocked === true ? this.#byStatement(reason.lock.address) : undefined;
  }

  #byState({ interpreter }: PassThread): ReadHolder | undefined {
    const thread = this.#seen.pass.threads.find(({ state }) => state.address === interpreter.gilHolder);
    return thread && this.#holder(thread, 'owner', undefined);
  }

  #byTask(innerThreadId: number): ReadHolder | undefined {
    const { osThreads, tasks, pass } = this.#seen;
    const osThreadId = tasks.get(innerThreadId);
    if (osThreadId === undefined) return undefined;
    const thread = pass.threads.find((each) => osThreads.get(each)?.id === osThreadId);
    return { thread, task: undefined, osThreadId, evidence: 'owner', takenAt: undefined };
  }

  #byIdent(
    waiter: PassThread,
    ident: Address,
    evidence: HolderEvidence,
    lock: Address | undefined,
  ): ReadHolder | undefined {
    const threads = this.#seen.pass.threads.filter(({ state }) => state.threadId === ident);
    const thread = threads.find(({ interpreter }) => interpreter === waiter.interpreter) ?? threads[0];
    if (thread === undefined) return undefined;
    // The outermost statement is the one that took it.
    const held =
      lock === undefined
        ? undefined
        : this.#all().findLast((each) => each.thread === thread && each.lock === lock);
    return this.#holder(thread, evidence, held);
  }

  /** Two cannot be in the body of the same lock, so that two such mean that one has let go of it. */
  #byStatement(lock: Address): ReadHolder | undefined {
    const found = this.#all().filter((each) => each.lock === lock);
    const tasks = (this.#seen.pass.asyncTasks ?? [])
      .flatMap(({ statements }) => statements.holdersOf(lock))
      .filter(({ isSuspended }) => isSuspended);
    if (new Set([...found.map(({ thread }) => thread), ...tasks.map(({ task }) => task)]).size !== 1)
      return undefined;
    const [first] = found;
    if (first !== undefined) return this.#holder(first.thread, 'with', found.at(-1));
    return tasks[0] && holdingTask(tasks[0]);
  }

  #holder(thread: PassThread, evidence: HolderEvidence, held: HeldLock | undefined): ReadHolder {
    const osThreadId = this.#seen.osThreads.get(thread)?.id;
    return { thread, task: undefined, osThreadId, evidence, takenAt: held && placeOfStatement(held) };
  }

  #all(): readonly HeldByThread[] {
    this.#heldLocks ??= this.#seen.pass.threads.flatMap((thread) =>
      readHeldLocks(this.#target, thread.chain.frames).map((held) => ({ ...held, thread })),
    );
    return this.#heldLocks;
  }
}
