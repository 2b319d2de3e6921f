import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { readGenerator } from '../../cpython/asyncio/generators.ts';
import { type RawFrame, readFrame } from '../../cpython/frame-chain.ts';
import { classesOf } from '../../cpython/locks/instances.ts';
import { libraryCallOf } from '../../cpython/locks/library-calls.ts';
import { readLock } from '../../cpython/locks/lock-objects.ts';
import { readWithBlocks, type WithBlock } from '../../cpython/locks/with-blocks.ts';
import type { Target } from '../../target/target.ts';
import { CONDITION_LOCK } from './library-waits.ts';
import { attributeOf } from './waited-objects.ts';

/** A `with` or `async with` statement of a lock, in whose body one of several calls stands. */
export interface HeldLock {
  readonly lock: Address;
  readonly frame: RawFrame;
  /** Of an instruction of the statement's head. */
  readonly instructionOffset: number | undefined;
}

/** A `with` statement and the call that stands in its body. */
export interface Statement extends WithBlock {
  readonly frame: RawFrame;
}

/** What a `with` statement may be given that holds a lock of its own while the body runs, and the lock's attribute. */
const HOLDS_INNER: Readonly<Record<string, readonly string[]>> = {
  'threading.Condition': CONDITION_LOCK,
  // Python 2.
  'threading._Condition': CONDITION_LOCK,
  'threading._RLock': ['_RLock__block'],
  'asyncio.locks.Condition': ['_lock'],
  // `with await lock:` and `with (yield from lock):`, to 3.8.
  'asyncio.locks._ContextManager': ['_lock'],
};
/** What `contextlib` makes of a generator, which is suspended while the body runs. */
const HOLDS_GENERATOR: ReadonlySet<string> = new Set([
  'contextlib._GeneratorContextManager',
  'contextlib._AsyncGeneratorContextManager',
]);
/** What one `with` statement is given is not taken apart further: only torn memory goes on for so long. */
const MOST_PARTS = 64;

/** Reads in which `with` statements calls stand, innermost first. */
export function readStatements(target: Target, frames: readonly RawFrame[]): readonly Statement[] {
  return frames.flatMap((frame) => blocksOf(target, frame).map((block) => ({ ...block, frame })));
}

function blocksOf(target: Target, frame: RawFrame): readonly WithBlock[] {
  return readIfSound(() => readWithBlocks(target, frame)) ?? [];
}

/**
 * Finds which locks calls hold by `with` statements, innermost first. One that was let go of for a while, as is done to
 * wait for a condition, is none.
 */
export function readHeldLocks(
  target: Target,
  frames: readonly RawFrame[],
  statements: readonly Statement[] = readStatements(target, frames),
): readonly HeldLock[] {
  if (statements.length === 0) return [];
  const lent = new Set(frames.flatMap((frame) => lentBy(target, frame)));
  return statements.flatMap(({ manager, frame, instructionOffset }) =>
    locksOf(target, manager)
      .filter((lock) => !lent.has(lock))
      .map((lock) => ({ lock, frame, instructionOffset })),
  );
}

/** What a call lets go of while it lasts. */
function lentBy(target: Target, frame: RawFrame): readonly Address[] {
  const { code } = frame;
  const name = code === undefined ? undefined : readIfSound(() => target.codeObjects.factsOf(code).name);
  const call = name === 'wait' ? libraryCallOf(target, frame) : undefined;
  const isWait = call?.method === 'Condition.wait' || call?.method === 'asyncio.Condition.wait';
  return isWait ? locksOf(target, call.self) : [];
}

/** The lock that an object is, and those that it holds while the body of its `with` statement runs. */
function locksOf(target: Target, object: Address, seen = new Set<Address>()): readonly Address[] {
  if (seen.has(object) || seen.size >= MOST_PARTS) return [];
  seen.add(object);
  const isLock = readIfSound(() => readLock(target.objects, object)) !== undefined;
  if (isLock) return [object];
  const names = (readIfSound(() => classesOf(target.objects, object)) ?? []).map(({ name }) => name);
  if (names.some((name) => HOLDS_GENERATOR.has(name))) return locksOfGenerator(target, object, seen);
  const attributes = names.flatMap(
    (name) => (Object.hasOwn(HOLDS_INNER, name) ? HOLDS_INNER[name] : []) ?? [],
  );
  const inner = attributes.length === 0 ? undefined : attributeOf(target, object, ...attributes);
  return inner === undefined ? [object] : [object, ...locksOf(target, inner, seen)];
}

/** Those in the bodies of whose statements the generator stands that a context manager was made of. */
function locksOfGenerator(target: Target, manager: Address, seen: Set<Address>): readonly Address[] {
  const generator = attributeOf(target, manager, 'gen');
  if (generator === undefined) return [];
  const frame = readIfSound(() => {
    const { status, frame: address } = readGenerator(target.objects, generator);
    const { memory, runtime } = target;
    return status === 'suspended' && address !== undefined
      ? readFrame(memory, runtime.layout, address)
      : undefined;
  });
  if (frame === undefined) return [];
  if (frame.code !== undefined) target.codeObjects.remember(frame.code);
  return blocksOf(target, frame).flatMap((block) => locksOf(target, block.manager, seen));
}
