import type { Address } from '../../base/address.ts';
import type { AsyncioLayout } from '../layouts/layout.ts';
import type { Attributes } from '../objects/attributes.ts';
import type { TypedObjects } from '../objects/typed-objects.ts';

/** What asyncio's objects are read with. */
export interface AsyncioSource extends TypedObjects {
  /** Reads an `int`. */
  readInteger(address: Address): bigint;
  /** Finds some of an instance's attributes by name. */
  findAttributes(object: Address, names: readonly string[]): ReadonlyMap<string, Address>;
  /** Reads up to `limit` attributes of an instance, those in slots too. */
  attributes(object: Address, limit: number): Attributes;
}

/** The size of a PyObject where neither a debug build nor a free-threaded one makes it larger. */
const RELEASE_OBJECT_BYTES = 16;

/** Where the C module keeps what tasks and futures are: all of it behind an object's head, which has several sizes. */
export function asyncioLayoutOf({ layout }: Pick<AsyncioSource, 'layout'>): AsyncioLayout | undefined {
  const shift = layout.object.sizeBytes - RELEASE_OBJECT_BYTES;
  const { asyncio } = layout.rules;
  if (asyncio === undefined || shift === 0) return asyncio;
  const moved = (offset: number | undefined) => (offset === undefined ? undefined : offset + shift);
  return {
    futureSizeBytes: asyncio.futureSizeBytes + shift,
    taskSizeBytes: asyncio.taskSizeBytes + shift,
    loop: asyncio.loop + shift,
    callback0: moved(asyncio.callback0),
    callbacks: asyncio.callbacks + shift,
    exception: asyncio.exception + shift,
    sourceTraceback: asyncio.sourceTraceback + shift,
    state: asyncio.state + shift,
    awaitedBy: moved(asyncio.awaitedBy),
    isAwaitedBySet: moved(asyncio.isAwaitedBySet),
    waiter: asyncio.waiter + shift,
    coroutine: asyncio.coroutine + shift,
    name: moved(asyncio.name),
  };
}

/** Tells `None`, which C code has no NULL for, from other objects. */
export function withoutNone(source: AsyncioSource, object: Address | undefined): Address | undefined {
  return object === undefined || source.typeOf(object).name === 'NoneType' ? undefined : object;
}
