import type { Address } from '../../base/address.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import type { ThreadActivity } from '../../model/thread-stack.ts';
import type { HolderEvidence, Wait } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';
import { gilStateOf } from '../gil-state.ts';
import type { OsThread } from '../os-threads.ts';
import type { Pass, PassThread } from '../pass.ts';
import { type HeldLock, readHeldLocks } from './lock-holders.ts';
import type { CallArguments } from './system-calls.ts';
import { waitReasonOf } from './wait-reasons.ts';
import type { WaitReason } from './waited-objects.ts';

/** What one thread waits for and who holds that, as it was read at one moment. */
export interface ReadWait {
  readonly wait: Wait;
  /** The arguments of a system call that waits for no lock. */
  readonly call: CallArguments | undefined;
  readonly holder: ReadHolder | undefined;
}

/** A thread that holds something. */
export interface ReadHolder {
  /** `undefined` for one that runs no Python. */
  readonly thread: PassThread | undefined;
  readonly osThreadId: number | undefined;
  readonly evidence: HolderEvidence;
  readonly takenAt: { readonly frame: RawFrame; readonly instructionOffset: number } | undefined;
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

/** What the threads of a pass wait for, and who holds that; without those that do not wait. */
export type LockReading = ReadonlyMap<PassThread, ReadWait>;

/** Reads what every blocked thread waits for, and who holds it, from the memory of the same moment. */
export function readLocks(target: Target, seen: SeenThreads): LockReading {
  const reasons = new Map<PassThread, WaitReason>();
  for (const thread of seen.pass.threads) {
    const reason = reasonOf(target, seen, thread);
    if (reason !== undefined) reasons.set(thread, reason);
  }
  const holders = new Holders(target, seen);
  return new Map(
    [...reasons].map(([thread, reason]) => [
      thread,
      { wait: reason.wait, call: reason.call, holder: holders.of(thread, reason) },
    ]),
  );
}

function reasonOf(
  target: Target,
  { osThreads, activities }: SeenThreads,
  thread: PassThread,
): WaitReason | undefined {
  const id = osThreads.get(thread)?.id;
  const activity = id === undefined ? undefined : activities.get(id);
  if (activity === undefined) return undefined;
  if (gilStateOf(thread.interpreter, thread.state, activity) === 'waits') return { wait: { kind: 'gil' } };
  return activity.state === 'blocked' ? waitReasonOf(target, thread, activity) : undefined;
}

/** Who holds what; looks through the `with` statements of all threads only when it must. */
class Holders {
  readonly #target: Target;
  readonly #seen: SeenThreads;
  #heldLocks: readonly HeldLock[] | undefined;

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
    return { thread, osThreadId, evidence: 'owner', takenAt: undefined };
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

  /** Two threads cannot be in the body of the same lock, so that two such mean that one has let go of it. */
  #byStatement(lock: Address): ReadHolder | undefined {
    const found = this.#all().filter((each) => each.lock === lock);
    const [first] = found;
    return first === undefined || found.some(({ thread }) => thread !== first.thread)
      ? undefined
      : this.#holder(first.thread, 'with', found.at(-1));
  }

  #holder(thread: PassThread, evidence: HolderEvidence, held: HeldLock | undefined): ReadHolder {
    const takenAt =
      held?.instructionOffset === undefined
        ? undefined
        : { frame: held.frame, instructionOffset: held.instructionOffset };
    return { thread, osThreadId: this.#seen.osThreads.get(thread)?.id, evidence, takenAt };
  }

  #all(): readonly HeldLock[] {
    this.#heldLocks ??= this.#seen.pass.threads.flatMap((thread) => readHeldLocks(this.#target, thread));
    return this.#heldLocks;
  }
}
