import { type Address, toAddress } from '../../base/address.ts';
import type { CodeObjects } from '../code-objects.ts';
import { foreignOffset, readPointer } from '../objects/foreign-struct.ts';
import type { AsyncioSource } from './asyncio-source.ts';
import type { AwaitChain } from './await-chain.ts';

/** A lock or queue of asyncio, and the method in which a task waits for it. */
export interface RawPrimitive {
  readonly address: Address;
  readonly typeName: string;
  readonly method: string;
}

/** Where the locks and queues of asyncio are, and the futures of Python code, in whose method their waiters stand. */
const PRIMITIVES = /\/asyncio\/(?:locks|queues)\.py$/u;
const FUTURES = /\/asyncio\/futures\.py$/u;

/**
 * Finds the lock, event, condition, semaphore or queue that a task waits for: the `self` of the innermost method, its
 * first argument. `undefined` when it waits for something else.
 */
export function findPrimitive(
  source: AsyncioSource,
  codeObjects: CodeObjects,
  { frames, executing }: AwaitChain,
): RawPrimitive | undefined {
  if (executing !== undefined) return undefined;
  for (const { address, code } of frames.slice(0, 2)) {
    if (code === undefined) return undefined;
    const { filename, name } = codeObjects.factsOf(code);
    if (PRIMITIVES.test(filename)) return describe(source, firstArgumentOf(source, address), name);
    if (!FUTURES.test(filename)) return undefined;
  }
  return undefined;
}

function firstArgumentOf({ memory, layout }: AsyncioSource, frame: Address): Address | undefined {
  const word = readPointer(memory, foreignOffset(frame, layout.frame.locals, 'frame'), 'first argument');
  if (word === undefined) return undefined;
  return toAddress(word - (word % 2 ** layout.rules.stackRefTagBits));
}

function describe(
  source: AsyncioSource,
  self: Address | undefined,
  method: string,
): RawPrimitive | undefined {
  if (self === undefined) return undefined;
  const type = source.typeOf(self);
  return type.isBuiltIn ? undefined : { address: self, typeName: type.fullName, method };
}
