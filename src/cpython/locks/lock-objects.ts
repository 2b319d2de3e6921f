import type { Address } from '../../base/address.ts';
import type { LockLayout } from '../layouts/layout.ts';
import { foreignOffset, readStruct } from '../objects/foreign-struct.ts';
import type { TypedObjects } from '../objects/typed-objects.ts';

/** A lock of the `_thread` module as it stands in memory. */
export interface LockState {
  readonly kind: 'lock' | 'rlock';
  readonly address: Address;
  readonly typeName: string;
  /** What tells it from other locks where threads sleep: its semaphore, or the byte that is its mutex. */
  readonly sleepsOn: Address;
  readonly isLocked: boolean;
  /** An RLock's: `threading.get_ident()` of the thread that holds it. */
  readonly owner: Address | undefined;
  /** How often that thread holds an RLock. */
  readonly count: number | undefined;
}

/** By `tp_name`, of Python 2 and 3. */
const LOCK_TYPES = new Set(['thread.lock', '_thread.lock']);
const RLOCK_TYPE = '_thread.RLock';

/** Reads the lock at an address; `undefined` when something else lies there. */
export function readLock(objects: TypedObjects, address: Address): LockState | undefined {
  const { builtInTypes, fullName: typeName } = objects.typeOf(address);
  const { layout, memory } = objects;
  const [nearest = ''] = builtInTypes;
  if (LOCK_TYPES.has(nearest)) {
    const sleep = readSleep(objects, address, layout.lock);
    return { kind: 'lock', address, typeName, owner: undefined, count: undefined, ...sleep };
  }
  if (nearest !== RLOCK_TYPE || layout.rlock === undefined) return undefined;
  const { owner, count, mutex } = layout.rlock;
  const struct = readStruct(memory, address, Math.max(owner, count) + 8, 'rlockobject');
  const sleep = readSleep(objects, address, layout.rlock);
  // `level` counts from 0 (3.14+), `rlock_count` from 1.
  const times = struct.ssize(count) + (mutex === undefined ? 0 : 1);
  return {
    kind: 'rlock',
    address,
    typeName,
    owner: sleep.isLocked ? struct.pointer(owner) : undefined,
    count: sleep.isLocked ? times : 0,
    ...sleep,
  };
}

/** `_Py_LOCKED`, cpython/Include/internal/pycore_lock.h, 3.13 to 3.15. */
const PY_LOCKED = 1;

function readSleep(
  { memory }: TypedObjects,
  address: Address,
  { semaphore, mutex }: LockLayout,
): Pick<LockState, 'sleepsOn' | 'isLocked'> {
  if (mutex !== undefined) {
    const sleepsOn = foreignOffset(address, mutex, 'lock');
    return { sleepsOn, isLocked: (readStruct(memory, sleepsOn, 1, 'PyMutex').u8(0) & PY_LOCKED) !== 0 };
  }
  if (semaphore === undefined) throw new TypeError('a layout of a lock needs a semaphore or a mutex');
  const sleepsOn = readStruct(memory, address, semaphore + 8, 'lockobject').requiredPointer(semaphore);
  return { sleepsOn, isLocked: readStruct(memory, sleepsOn, 4, 'sem_t').u32(0) === 0 };
}

/**
 * Finds what a thread waits for that sleeps on a semaphore of its own, as threads do that the parking lot has parked;
 * `undefined` on versions without one. What it finds may be anything, until it is compared with an object.
 */
export function readParkedAddress({ memory, layout }: TypedObjects, semaphore: Address): Address | undefined {
  const { parkedAddress } = layout.rules;
  if (parkedAddress === undefined) return undefined;
  const place = foreignOffset(semaphore, parkedAddress, 'struct wait_entry');
  return readStruct(memory, place, 8, 'struct wait_entry').pointer(0);
}
