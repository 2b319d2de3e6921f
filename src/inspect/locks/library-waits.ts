import { type Address, isAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { LibraryCall, LibraryMethod } from '../../cpython/locks/library-calls.ts';
import type { LockState } from '../../cpython/locks/lock-objects.ts';
import { readDictLength } from '../../cpython/objects/dict-entries.ts';
import { readStruct } from '../../cpython/objects/foreign-struct.ts';
import { checkedLength } from '../../cpython/objects/text.ts';
import type { Target } from '../../target/target.ts';
import { attributeOf, type Sleeper, seenObject, type WaitReason } from './waited-objects.ts';

/**
 * Tells what a thread waits for in terms of the standard library: the outermost of its calls that waits because the
 * inner ones do. `undefined` when it wants a lock, be it one that belongs to such an object.
 * @param lock the lock that it sleeps on
 */
export function libraryWaitOf(
  target: Target,
  sleeper: Sleeper,
  lock: LockState | undefined,
): WaitReason | undefined {
  const [inner] = sleeper.calls;
  if (inner === undefined) return undefined;
  if (inner.method !== 'Condition.wait') return DIRECT[inner.method]?.(target, sleeper, inner);
  // At its end it takes the lock of the condition again.
  if (lock !== undefined && lock.address === attributeOf(target, inner.self, ...CONDITION_LOCK))
    return undefined;
  const outer = sleeper.calls.slice(1).find((call) => call?.method !== 'Condition.wait_for');
  return (
    (outer === undefined ? undefined : AROUND_CONDITION[outer.method]?.(target, sleeper, outer)) ?? {
      wait: { kind: 'condition', object: seenObject(target, sleeper.frames, inner.self) },
    }
  );
}

/** What a Condition calls its lock; the second one in 2.7. */
export const CONDITION_LOCK = ['_lock', '_Condition__lock'] as const;

type Describe = (target: Target, sleeper: Sleeper, call: LibraryCall) => WaitReason;
type Descriptions = { readonly [Method in LibraryMethod]?: Describe };

/** Calls that sleep themselves. */
const DIRECT: Descriptions = {
  'Thread.join': joinWait,
  'ModuleLock.acquire': importWait,
  'RLock.acquire': pythonLockWait,
};

/** Calls that wait for a condition of theirs. */
const AROUND_CONDITION: Descriptions = {
  'Thread.join': joinWait,
  'Event.wait': (target, { frames }, { self }) => ({
    wait: { kind: 'event', object: seenObject(target, frames, self) },
  }),
  'Barrier.wait': (target, { frames }, { self }) => ({
    wait: { kind: 'barrier', object: seenObject(target, frames, self) },
  }),
  'Semaphore.acquire': (target, { frames }, { self }) => ({
    wait: {
      kind: 'semaphore',
      object: seenObject(target, frames, self),
      value: integerOf(target, attributeOf(target, self, '_value', '_Semaphore__value')),
    },
  }),
  'Queue.get': (target, sleeper, { self }) => queueWait(target, sleeper, { self, operation: 'get' }),
  'Queue.put': (target, sleeper, { self }) => queueWait(target, sleeper, { self, operation: 'put' }),
  'Queue.join': (target, sleeper, { self }) => queueWait(target, sleeper, { self, operation: 'join' }),
  'Future.result': (target, { frames }, { self }) => ({
    wait: {
      kind: 'future',
      object: seenObject(target, frames, self),
      state: textOf(target, attributeOf(target, self, '_state')),
    },
  }),
};

function joinWait(target: Target, { frames }: Sleeper, { self }: LibraryCall): WaitReason {
  const ident = integerOf(target, attributeOf(target, self, '_ident', '_Thread__ident'));
  const name = attributeOf(target, self, '_name', '_Thread__name');
  return {
    wait: { kind: 'join', object: seenObject(target, frames, self), threadName: textOf(target, name) },
    ...(ident === undefined || !isAddress(ident) ? {} : { joinedIdent: ident }),
  };
}

function importWait(target: Target, _: Sleeper, { self }: LibraryCall): WaitReason {
  const owner = integerOf(target, attributeOf(target, self, 'owner'));
  const moduleName = textOf(target, attributeOf(target, self, 'name'));
  return {
    wait: { kind: 'import-lock', moduleName },
    ...(owner === undefined || !isAddress(owner) ? {} : { ownerIdent: owner }),
  };
}

/** Python 2 writes its RLock in Python. */
function pythonLockWait(target: Target, { frames }: Sleeper, { self }: LibraryCall): WaitReason {
  const owner = integerOf(target, attributeOf(target, self, '_RLock__owner'));
  return {
    wait: {
      kind: 'lock',
      object: seenObject(target, frames, self),
      isLocked: owner === undefined ? undefined : true,
    },
    ...(owner === undefined || !isAddress(owner) ? {} : { ownerIdent: owner }),
  };
}

interface QueueCall {
  readonly self: Address;
  readonly operation: 'get' | 'put' | 'join';
}

function queueWait(target: Target, { frames }: Sleeper, { self, operation }: QueueCall): WaitReason {
  const maxSize = integerOf(target, attributeOf(target, self, 'maxsize'));
  const unfinished = integerOf(target, attributeOf(target, self, 'unfinished_tasks'));
  const object = seenObject(target, frames, self);
  const length = lengthOf(target, attributeOf(target, self, 'queue'));
  return {
    wait: {
      kind: 'queue',
      operation,
      object,
      length,
      maxSize: maxSize === undefined ? undefined : Math.max(maxSize, 0),
      unfinished,
    },
  };
}

/** Reads an `int` that a number can hold. */
export function integerOf({ objects }: Target, object: Address | undefined): number | undefined {
  if (object === undefined) return undefined;
  return readIfSound(() => {
    const value = Number(objects.readInteger(object));
    return Number.isSafeInteger(value) ? value : undefined;
  });
}

function textOf({ objects }: Target, object: Address | undefined): string | undefined {
  return object === undefined ? undefined : readIfSound(() => objects.readText(object));
}

/** Tells how many items a queue keeps: in a deque, in a list, or in what a subclass chose. */
export function lengthOf({ objects }: Target, object: Address | undefined): number | undefined {
  if (object === undefined) return undefined;
  return readIfSound(() => {
    const kinds = objects.typeOf(object).builtInTypes;
    if (kinds.includes('dict')) return readDictLength(objects, object);
    const { deque, object: header } = objects.layout;
    // Both are objects of variable size, which count their items there; Python 2's deque is none.
    const isSized = kinds.includes('list') || (deque !== undefined && kinds.includes('collections.deque'));
    const place = header.varSize;
    return isSized
      ? checkedLength(readStruct(objects.memory, object, place + 8, 'PyVarObject'), place)
      : undefined;
  });
}
