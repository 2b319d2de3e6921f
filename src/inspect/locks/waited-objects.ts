import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import { attributesOf, classNameOf } from '../../cpython/locks/instances.ts';
import type { LibraryCall } from '../../cpython/locks/library-calls.ts';
import type { LockState } from '../../cpython/locks/lock-objects.ts';
import type { Wait, WaitedObject } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';
import type { PassThread } from '../pass.ts';
import { nameOfObject } from './object-names.ts';
import type { CallArguments } from './system-calls.ts';

/** What a thread waits for, and what tells who holds that. */
export interface WaitReason {
  readonly wait: Wait;
  /** What a system call waits for that is none of a lock; its files are described later. */
  readonly call?: CallArguments;
  /** The lock that it wants. */
  readonly lock?: LockState;
  /** A lock that Python code makes of another, or the library, which says itself whose it is: `get_ident()`. */
  readonly ownerIdent?: Address;
  /** Ident of the thread whose end it waits for. */
  readonly joinedIdent?: Address;
  /** The kernel's id of the thread that holds it, in the target's pid namespace. */
  readonly ownerThreadId?: number;
}

/** A thread that sleeps in futex(2), with the calls that led there. */
export interface Sleeper {
  readonly thread: PassThread;
  /** Python frames, innermost first. */
  readonly frames: readonly RawFrame[];
  /** Calls of the library among the innermost, by the same index. */
  readonly calls: readonly (LibraryCall | undefined)[];
}

/** Describes an object that a thread waits for, as seen from its calls. */
export function seenObject(target: Target, frames: readonly RawFrame[], address: Address): WaitedObject {
  const { objects } = target;
  const typeName = readIfSound(() => classNameOf(objects, address)) ?? 'object';
  return { typeName, address, name: nameOfObject(target, frames, address) };
}

/** Finds the attributes of an instance that bear one of several names, the first that there is. */
export function attributeOf(
  target: Target,
  object: Address,
  ...names: readonly string[]
): Address | undefined {
  return readIfSound(() => [...attributesOf(target.objects, object, names).values()][0]);
}
