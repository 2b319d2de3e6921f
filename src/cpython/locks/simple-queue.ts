import type { Address } from '../../base/address.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import type { TypedObjects } from '../objects/typed-objects.ts';

/** 3.7+. */
const SIMPLE_QUEUE = '_queue.SimpleQueue';

/** Where a thread sleeps: on a semaphore, which the parking lot may have given it for an address. */
export interface SleepingPlace {
  readonly semaphore: Address;
  readonly parkedAt: Address | undefined;
}

/**
 * Tells whether an object is a `queue.SimpleQueue` that a thread waits for an item of. To 3.12 the lock that such threads
 * sleep on is its first member, later they are parked at a member (simplequeueobject, cpython/Modules/_queuemodule.c).
 */
export function isSimpleQueueAwaited(
  objects: TypedObjects,
  object: Address,
  { semaphore, parkedAt }: SleepingPlace,
): boolean {
  // From 3.10 on it cannot be told from a class of Python code, which is told by not being slept on.
  const { builtInTypes, fullName, basicSize } = objects.typeOf(object);
  if (fullName !== SIMPLE_QUEUE && !builtInTypes.includes(SIMPLE_QUEUE)) return false;
  const { sizeBytes } = objects.layout.object;
  if (objects.layout.rules.parkedAddress === undefined)
    return (
      readStruct(objects.memory, object, sizeBytes + 8, 'simplequeueobject').pointer(sizeBytes) === semaphore
    );
  return parkedAt !== undefined && parkedAt >= object + sizeBytes && parkedAt < object + basicSize;
}
