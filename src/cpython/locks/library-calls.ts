import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { CodeObjects } from '../code-objects.ts';
import type { RawFrame } from '../frame-chain.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import { readBoundNames } from '../objects/frame-variables.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { classesOf } from './instances.ts';

/** A method of the standard library in which threads, or tasks of asyncio, wait for each other. */
export type LibraryMethod = (typeof ROWS)[number][0];

/** A frame that runs such a method. */
export interface LibraryCall {
  readonly method: LibraryMethod;
  readonly self: Address;
}

/** Each with the classes that it is of and the functions that it is, by the names of all versions. */
const ROWS = [
  ['Condition.wait', ['threading.Condition', 'threading._Condition'], ['wait']],
  ['Condition.wait_for', ['threading.Condition'], ['wait_for']],
  ['Event.wait', ['threading.Event', 'threading._Event'], ['wait']],
  ['Semaphore.acquire', ['threading.Semaphore', 'threading._Semaphore'], ['acquire']],
  ['Barrier.wait', ['threading.Barrier'], ['wait', '_wait', '_enter']],
  ['Thread.join', ['threading.Thread'], ['join', '_wait_for_tstate_lock']],
  ['RLock.acquire', ['threading._RLock'], ['acquire']],
  ['Queue.get', ['queue.Queue', 'Queue.Queue'], ['get']],
  ['Queue.put', ['queue.Queue', 'Queue.Queue'], ['put']],
  ['Queue.join', ['queue.Queue', 'Queue.Queue'], ['join']],
  ['Future.result', ['concurrent.futures._base.Future'], ['result', 'exception']],
  ['ModuleLock.acquire', ['_frozen_importlib._ModuleLock', 'importlib._bootstrap._ModuleLock'], ['acquire']],
  ['asyncio.Condition.wait', ['asyncio.locks.Condition'], ['wait']],
] as const;

const NAMES: ReadonlySet<string> = new Set(ROWS.flatMap(([, , functions]) => [...functions]));

/** What calls are read with. */
export interface CallSource {
  readonly objects: ObjectReader;
  readonly codeObjects: CodeObjects;
}

/**
 * Tells which method of the library a frame runs; `undefined` for any other. Its name is not enough: the code must be
 * that of the function which the class has.
 */
export function libraryCallOf(source: CallSource, frame: RawFrame): LibraryCall | undefined {
  return readIfSound(() => {
    const { code, address } = frame;
    if (code === undefined) return undefined;
    const { name } = source.codeObjects.factsOf(code);
    if (!NAMES.has(name)) return undefined;
    const [first] = readBoundNames(source.objects, { frameAddress: address, codeAddress: code });
    if (first === undefined || !first.isArgument) return undefined;
    const method = methodOf(source.objects, first.object, { name, code });
    return method === undefined ? undefined : { method, self: first.object };
  });
}

function methodOf(
  objects: ObjectReader,
  self: Address,
  { name, code }: { readonly name: string; readonly code: Address },
): LibraryMethod | undefined {
  for (const { name: className, namespace } of classesOf(objects, self)) {
    const row = ROWS.find(
      ([, classes, functions]) => contains(classes, className) && contains(functions, name),
    );
    if (row === undefined) continue;
    const value = objects.lookUpString(namespace, name);
    if (value !== undefined && codeOfFunction(objects, value) === code) return row[0];
  }
  return undefined;
}

function contains(texts: readonly string[], text: string): boolean {
  return texts.includes(text);
}

function codeOfFunction(objects: ObjectReader, object: Address): Address | undefined {
  if (objects.typeOf(object).builtInTypes[0] !== 'function') return undefined;
  const { code } = objects.layout.function;
  return readStruct(objects.memory, object, code + 8, 'PyFunctionObject').pointer(code);
}
