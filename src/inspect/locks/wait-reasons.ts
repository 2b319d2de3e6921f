import { type Address, isAddress, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import { libraryCallOf } from '../../cpython/locks/library-calls.ts';
import { type LockState, readLock, readParkedAddress } from '../../cpython/locks/lock-objects.ts';
import { isSimpleQueueAwaited } from '../../cpython/locks/simple-queue.ts';
import type { ThreadActivity } from '../../model/thread-stack.ts';
import type { Wait } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';
import { futexWaitedOn } from '../futex-waits.ts';
import type { PassThread } from '../pass.ts';
import { candidatesIn } from './candidates.ts';
import { libraryWaitOf } from './library-waits.ts';
import { sharedWaitOf } from './shared-semaphores.ts';
import { readCallArguments } from './system-calls.ts';
import { type Sleeper, seenObject, type WaitReason } from './waited-objects.ts';

type Blocked = Extract<ThreadActivity, { readonly state: 'blocked' }>;

/** A call that was interrupted and goes on has the arguments that it began with, but no name: mostly it is a poll. */
function unknownSleep({ memory }: Target, address: Address, activity: Blocked): WaitReason {
  if (activity.syscallName !== RESTARTED) return { wait: { kind: 'futex', address } };
  return { wait: UNDESCRIBED_CALL, call: readCallArguments(memory, { ...activity, syscallName: 'poll' }) };
}

/** What is known of a system call before the files of the process are looked at. */
const UNDESCRIBED_CALL: Wait = {
  kind: 'system-call',
  name: undefined,
  files: [],
  child: undefined,
  lastsSeconds: undefined,
  remainingSeconds: undefined,
};

/** How many calls the library nests at most: a future's result, its condition, and what a subclass puts around them. */
const MOST_CALLS = 6;
const RESTARTED = 'restart_syscall';

/**
 * Finds out what a thread waits for that is in a system call and does not wait for the GIL; `undefined` for one that
 * wakes others.
 */
export function waitReasonOf(target: Target, thread: PassThread, activity: Blocked): WaitReason | undefined {
  const address = Number(futexWaitedOn(activity) ?? 0n);
  if (address === 0 || !isAddress(address)) {
    if (activity.syscallName === 'futex') return undefined;
    return { wait: UNDESCRIBED_CALL, call: readCallArguments(target.memory, activity) };
  }
  const sleeper = sleeperOf(target, thread);
  const shared = isShared(activity) ? sharedWaitOf(target, sleeper, address) : undefined;
  if (shared !== undefined) return shared;
  const lock = findLock(target, sleeper, address);
  return (
    libraryWaitOf(target, sleeper, lock) ??
    (lock === undefined ? simpleQueueWait(target, sleeper, address) : lockWait(target, sleeper, lock)) ??
    readMutex(target, address, activity) ??
    unknownSleep(target, address, activity)
  );
}

function sleeperOf(target: Target, thread: PassThread): Sleeper {
  const frames = thread.chain.frames.filter(({ code }) => code !== undefined);
  const calls = frames.slice(0, MOST_CALLS).map((frame) => libraryCallOf(target, frame));
  return { thread, frames, calls };
}

function lockWait(target: Target, { frames }: Sleeper, lock: LockState): WaitReason {
  const object = seenObject(target, frames, lock.address);
  return { wait: { kind: 'lock', object, isLocked: lock.isLocked }, lock };
}

/** A queue that is made in C, which its caller works with. */
function simpleQueueWait(target: Target, { frames }: Sleeper, semaphore: Address): WaitReason | undefined {
  const { objects } = target;
  const [frame] = frames;
  if (frame === undefined) return undefined;
  const parkedAt = readIfSound(() => readParkedAddress(objects, semaphore));
  for (const candidate of candidatesIn(target, frame)) {
    if (readIfSound(() => isSimpleQueueAwaited(objects, candidate, { semaphore, parkedAt })) !== true)
      continue;
    const object = seenObject(target, frames, candidate);
    const unknown = { length: undefined, maxSize: 0, unfinished: undefined };
    return { wait: { kind: 'queue', operation: 'get', object, ...unknown } };
  }
  return undefined;
}

/**
 * Finds the lock object that a thread sleeps on. One that the parking lot has parked names it; otherwise it is the one
 * among what its innermost call works with whose semaphore it is.
 */
function findLock(target: Target, { frames }: Sleeper, sleepsOn: Address): LockState | undefined {
  const { objects } = target;
  const parked = readIfSound(() => readParkedAddress(objects, sleepsOn));
  const { lock, rlock } = objects.layout;
  for (const offset of [lock.mutex, rlock?.mutex]) {
    if (parked === undefined || offset === undefined) continue;
    const state = readIfSound(() => readLock(objects, offsetBy(parked, -offset)));
    if (state?.sleepsOn === parked) return state;
  }
  for (const frame of frames.slice(0, 2)) {
    for (const candidate of candidatesIn(target, frame)) {
      const state = readIfSound(() => readLock(objects, candidate));
      if (state?.sleepsOn === sleepsOn) return state;
    }
  }
  return undefined;
}

/** FUTEX_WAIT and FUTEX_PRIVATE_FLAG, linux/futex.h; and what a contended mutex of the C library holds. */
const FUTEX_WAIT = 0n;
const COMMAND_BITS = 0x7fn;
const PRIVATE = 0x80n;
const CONTENDED = 2n;
const MUTEX_BYTES = 40;

/** Whether threads of other processes may sleep there too. */
function isShared({ args }: Blocked): boolean {
  return ((args[1] ?? 0n) & PRIVATE) === 0n;
}

/**
 * Reads the mutex of the C library at an address: the lock, a count, its owner's thread id and how many use it, an int
 * each (glibc, sysdeps/x86/nptl/bits/struct_mutex.h). Other locks of the library look alike, but have no owner.
 */
function readMutex(target: Target, address: Address, { args }: Blocked): WaitReason | undefined {
  const [, operation = 0n, expected] = args;
  if ((operation & COMMAND_BITS) !== FUTEX_WAIT || expected !== CONTENDED) return undefined;
  return readIfSound(() => {
    const struct = new StructView(target.memory.read(address, MUTEX_BYTES), 'pthread_mutex_t', address);
    const owner = struct.i32(8);
    const users = struct.u32(12);
    if (BigInt(struct.u32(0)) !== CONTENDED || users === 0 || !target.readTasks().has(owner))
      return undefined;
    return { wait: { kind: 'mutex', address }, ownerThreadId: owner };
  });
}
