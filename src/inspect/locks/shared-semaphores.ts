import { type Address, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import { classNameOf } from '../../cpython/locks/instances.ts';
import { readSemLock, type SemLock } from '../../cpython/locks/sem-locks.ts';
import { readBoundNames } from '../../cpython/objects/frame-variables.ts';
import { readPointer } from '../../cpython/runtime.ts';
import type { Target } from '../../target/target.ts';
import { candidatesIn } from './candidates.ts';
import { attributeOf, type Sleeper, seenObject, type WaitReason } from './waited-objects.ts';

/** The modules of multiprocessing that wait on behalf of others. */
const LIBRARY_FILES = /multiprocessing[/](?:synchronize|queues)\.pyc?$/u;
const CLASSES = 'multiprocessing.';
const LOCKS: ReadonlySet<string> = new Set([
  'multiprocessing.synchronize.Lock',
  'multiprocessing.synchronize.RLock',
]);
/** How far out the object that a program made is looked for. */
const MOST_FRAMES = 3;
const MOST_GLOBALS = 2000;

/** Tells what a thread waits for that sleeps on a semaphore of multiprocessing; `undefined` for any other. */
export function sharedWaitOf(target: Target, sleeper: Sleeper, sleepsOn: Address): WaitReason | undefined {
  const { frames, thread } = sleeper;
  const semLock = findSemLock(target, frames, sleepsOn);
  if (semLock === undefined) return undefined;
  const call = outermostCall(target, frames);
  const made = objectAround(target, frames, semLock.address);
  const { value, maxValue } = semLock;
  // The semaphore of a queue is taken by those that put something into it, and let go of by others.
  const tellsOwner =
    LOCKS.has(readIfSound(() => classNameOf(target.objects, made)) ?? '') &&
    value === 0 &&
    !isChildOfAnother(target, thread.interpreter.facts.address);
  const owner = tellsOwner ? ownerOf(semLock, thread.state.threadId) : undefined;
  return {
    wait: {
      kind: 'shared-semaphore',
      object: seenObject(target, frames, call?.self ?? made),
      operation: call?.method ?? 'acquire',
      value,
      maxValue,
      isTakenElsewhere: tellsOwner ? semLock.count <= 0 : undefined,
    },
    ...(owner === undefined ? {} : { ownerIdent: owner }),
  };
}

/**
 * The thread of this process that holds a lock, whose semaphore itself does not say whose it is. One that waits for its own
 * is not believed: what it took may have been let go of by another process.
 */
function ownerOf({ count, lastThread }: SemLock, waiter: Address | undefined): Address | undefined {
  return count > 0 && lastThread !== waiter ? lastThread : undefined;
}

function findSemLock(target: Target, frames: readonly RawFrame[], sleepsOn: Address): SemLock | undefined {
  for (const frame of frames.slice(0, 2)) {
    for (const candidate of candidatesIn(target, frame)) {
      const semLock = readIfSound(() => readSemLock(target.objects, candidate));
      if (semLock?.handle === sleepsOn) return semLock;
    }
  }
  return undefined;
}

interface SharedCall {
  readonly self: Address;
  readonly method: string;
}

/** The outermost of the library's own calls that lead to the sleep: `Event.wait`, which calls `Condition.wait`. */
function outermostCall(target: Target, frames: readonly RawFrame[]): SharedCall | undefined {
  let outermost: SharedCall | undefined;
  for (const frame of frames) {
    const call = readIfSound(() => libraryCall(target, frame));
    if (call === undefined) return outermost;
    outermost = call;
  }
  return outermost;
}

function libraryCall({ objects, codeObjects }: Target, { address, code }: RawFrame): SharedCall | undefined {
  if (code === undefined) return undefined;
  const { filename, name } = codeObjects.factsOf(code);
  if (!LIBRARY_FILES.test(filename)) return undefined;
  const [first] = readBoundNames(objects, { frameAddress: address, codeAddress: code });
  return first?.isArgument === true ? { self: first.object, method: name } : undefined;
}

/** The lock or semaphore of Python code whose method `acquire` is that of the C object; else that object. */
function objectAround(target: Target, frames: readonly RawFrame[], semLock: Address): Address {
  for (const frame of frames.slice(0, MOST_FRAMES)) {
    for (const candidate of [...candidatesIn(target, frame), ...globalsOf(target, frame)]) {
      const name = readIfSound(() => classNameOf(target.objects, candidate));
      if (name?.startsWith(CLASSES) === true && attributeOf(target, candidate, '_semlock') === semLock)
        return candidate;
    }
  }
  return semLock;
}

function globalsOf({ objects, memory, runtime }: Target, { address }: RawFrame): readonly Address[] {
  const entries = readIfSound(() => {
    const globals = readPointer(memory, offsetBy(address, runtime.layout.frame.globals));
    return globals === undefined ? [] : [...objects.dictEntries(globals, MOST_GLOBALS)];
  });
  return (entries ?? []).map(({ value }) => value);
}

/**
 * Tells whether multiprocessing has made this process. Such a one has a copy of what the other counted when it was forked,
 * with the idents of threads that it has not.
 */
function isChildOfAnother({ objects, memory, runtime }: Target, interpreter: Address): boolean {
  const current = readIfSound(() => {
    const modules = readPointer(memory, offsetBy(interpreter, runtime.layout.interpreter.modules));
    const module = modules && objects.lookUpString(modules, 'multiprocessing.process');
    const names = module && readPointer(memory, offsetBy(module, runtime.layout.module.dict));
    const process = names && objects.lookUpString(names, '_current_process');
    return process && classNameOf(objects, process);
  });
  return current?.endsWith('._MainProcess') !== true;
}
