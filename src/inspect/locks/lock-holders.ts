import type { Address } from '../../base/address.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import { readIfSound } from '../../cpython/locks/instances.ts';
import { libraryCallOf } from '../../cpython/locks/library-calls.ts';
import { readLock } from '../../cpython/locks/lock-objects.ts';
import { readWithBlocks } from '../../cpython/locks/with-blocks.ts';
import type { Target } from '../../target/target.ts';
import type { PassThread } from '../pass.ts';
import { CONDITION_LOCK } from './library-waits.ts';
import { attributeOf } from './waited-objects.ts';

/** A `with` statement of a lock, in whose body a thread stands. */
export interface HeldLock {
  readonly thread: PassThread;
  readonly lock: Address;
  readonly frame: RawFrame;
  /** Of an instruction of the statement's head. */
  readonly instructionOffset: number | undefined;
}

/** Attributes in which what a `with` statement is given keeps a lock: conditions, and Python 2's RLock. */
const INNER_LOCKS = [...CONDITION_LOCK, '_RLock__block'] as const;

/**
 * Finds in which `with` statements of locks a thread stands, innermost first. One whose lock the thread has let go of
 * for a while, as it does to wait for a condition, is none.
 */
export function readHeldLocks(target: Target, thread: PassThread): readonly HeldLock[] {
  const lent = new Set<Address>();
  return thread.chain.frames.flatMap((frame) => {
    for (const lock of lentBy(target, frame)) lent.add(lock);
    const blocks = readIfSound(() => readWithBlocks(target, frame)) ?? [];
    return blocks.flatMap(({ manager, instructionOffset }) =>
      locksOf(target, manager)
        .filter((lock) => !lent.has(lock))
        .map((lock) => ({ thread, lock, frame, instructionOffset })),
    );
  });
}

/** What a call lets go of while it lasts. */
function lentBy(target: Target, frame: RawFrame): readonly Address[] {
  const call = libraryCallOf(target, frame);
  return call?.method === 'Condition.wait' ? locksOf(target, call.self) : [];
}

/** The lock that an object is, and those that it is made of. */
function locksOf(target: Target, object: Address): readonly Address[] {
  const state = readIfSound(() => readLock(target.objects, object));
  if (state !== undefined) return [object];
  const inner = attributeOf(target, object, ...INNER_LOCKS);
  return inner === undefined ? [object] : [object, ...locksOf(target, inner)];
}
