import { type Address, isAddress, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { InterpreterState } from '../cpython/interpreters.ts';
import { readPointer } from '../cpython/runtime.ts';
import type { Target } from '../target/target.ts';
import type { Pass, PassThread } from './pass.ts';

/** More threads than this are not named; their kernel names remain. */
const MOST_NAMED = 65_536;
/** Python 3's name of the attribute, and Python 2's, which is private to the class. */
const NAME_ATTRIBUTES = ['_name', '_Thread__name'] as const;

/** What the threading module calls threads, by their {@link threadKey}. */
export type ThreadingNames = ReadonlyMap<string, ThreadingName>;

interface ThreadingName {
  /** The `threading.Thread`. */
  readonly object: Address;
  readonly name: string;
}

/** How often the names of a target that runs are read again while they change under our eyes. */
const MOST_LOOKS = 8;

/** Tells a thread from all others that a process has within a second, whose states may lie at the same address. */
export function threadKey({ state: { address, threadId, ownId } }: PassThread): string {
  return `${address} ${threadId} ${ownId}`;
}

/**
 * Reads what Python's threading module calls the threads of a pass: the entries of `threading._active` of each
 * interpreter. Without those that cannot be read, and empty when the module was not imported.
 * @param known names of a moment ago, which are not read again where they are those of the same thread and object
 */
export function readThreadingNames(target: Target, pass: Pass, known: ThreadingNames): ThreadingNames {
  return lookAtNames(target, pass, known).names;
}

/**
 * Reads the same while the target runs. Its dict may be seen half moved, with entries missing: so it is read anew until
 * all have names, or until another look adds none.
 */
export function readMovingThreadingNames(target: Target, pass: Pass): ThreadingNames {
  const names = new Map<string, ThreadingName>();
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    target.memory.clear();
    const seen = lookAtNames(target, pass, new Map());
    const knownBefore = names.size;
    for (const [key, name] of seen.names) names.set(key, name);
    if (names.size === pass.threads.length) break;
    if (look > 0 && names.size === knownBefore && !seen.isTorn) break;
  }
  return names;
}

interface LookAtNames {
  readonly names: ThreadingNames;
  /** Something in them was none of what belongs there. */
  readonly isTorn: boolean;
}

function lookAtNames(target: Target, pass: Pass, known: ThreadingNames): LookAtNames {
  const names = new Map<string, ThreadingName>();
  let isTorn = false;
  const attempt = (read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      isTorn = true;
    }
  };
  for (const interpreter of pass.interpreters) {
    const objects = new Map<Address, Address>();
    attempt(() => {
      for (const [ident, object] of activeThreads(target, interpreter)) objects.set(ident, object);
    });
    target.memory.prefetch([...objects.values()].map((address) => ({ address, sizeBytes: 1 })));
    for (const thread of pass.threads) {
      const { threadId } = thread.state;
      const object = threadId === undefined ? undefined : objects.get(threadId);
      if (object === undefined || thread.interpreter !== interpreter) continue;
      const key = threadKey(thread);
      const before = known.get(key);
      attempt(() => {
        const name = before?.object === object ? before.name : nameOf(target, object);
        if (name !== undefined) names.set(key, { object, name });
      });
    }
  }
  return { names, isTorn };
}

/** Reads the entries of `threading._active`: the `threading.Thread` of each ident. */
function* activeThreads(
  target: Target,
  { facts }: InterpreterState,
): Generator<readonly [ident: Address, object: Address]> {
  const active = findActiveThreads(target, facts.address);
  if (active === undefined) return;
  for (const { key, value } of target.objects.dictEntries(active, MOST_NAMED)) {
    const ident = Number(target.objects.readInteger(key));
    if (isAddress(ident)) yield [ident, value];
  }
}

function findActiveThreads(target: Target, interpreter: Address): Address | undefined {
  const { objects, memory, runtime } = target;
  const modules = readPointer(memory, offsetBy(interpreter, runtime.layout.interpreter.modules));
  const threading = modules === undefined ? undefined : objects.lookUpString(modules, 'threading');
  if (threading === undefined) return undefined;
  const names = readPointer(memory, offsetBy(threading, runtime.layout.module.dict));
  return names === undefined ? undefined : objects.lookUpString(names, '_active');
}

function nameOf({ objects }: Target, thread: Address): string | undefined {
  const [name] = objects.findAttributes(thread, NAME_ATTRIBUTES).values();
  return name === undefined ? undefined : objects.readText(name);
}
