import { type Address, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import type { Problem } from '../model/problem.ts';
import type { InterpreterFacts } from '../model/snapshot.ts';
import { collectingPlace } from './collecting-place.ts';
import {
  type CPythonRuntime,
  type GilWaits,
  gilWaitsOf,
  readInterpretersHead,
  readPointer,
} from './runtime.ts';

/** An interpreter as it stands in memory, with what its threads need to know of it. */
export interface InterpreterState {
  readonly facts: InterpreterFacts;
  readonly threadsHead: Address | undefined;
  /** The thread state that holds its GIL; `undefined` when none does. */
  readonly gilHolder: Address | undefined;
  /** Whether the GIL is in use: free-threaded builds may do without. */
  readonly hasGil: boolean;
  /** `undefined` when it is not known where waiting threads sleep. */
  readonly gilWaits: GilWaits | undefined;
  /** `undefined` on versions that do not tell. */
  readonly isCollectingGarbage: boolean | undefined;
  /** The frame in which the collection began; `undefined` when there is none, and to 3.14. */
  readonly collectingFrame: Address | undefined;
}

/** A process with more interpreters than this has a list that runs in circles. */
const MOST_INTERPRETERS = 10_000;

/** Reads every interpreter, newest first as CPython lists them; what cannot be read becomes a problem. */
export function readInterpreters(
  memory: Memory,
  runtime: CPythonRuntime,
  problems: Problem[],
): readonly InterpreterState[] {
  const found: InterpreterState[] = [];
  const seen = new Set<Address>();
  let address = readInterpretersHead(memory, runtime.roots);
  while (address !== undefined) {
    if (seen.has(address) || seen.size >= MOST_INTERPRETERS) {
      problems.push(unreadable('the list of interpreters runs in a circle'));
      break;
    }
    seen.add(address);
    try {
      const next = readPointer(memory, offsetBy(address, runtime.layout.interpreter.next));
      found.push(readInterpreter(memory, runtime, address, next === undefined));
      address = next;
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      problems.push(unreadable(error.message));
      break;
    }
  }
  return found;
}

function unreadable(why: string): Problem {
  return { kind: 'unreadable-interpreter', message: `Cannot read an interpreter: ${why}` };
}

/** New interpreters are put at the head, so the main one, which has id 0 where ids exist, is last. */
function readInterpreter(
  memory: Memory,
  runtime: CPythonRuntime,
  address: Address,
  isLast: boolean,
): InterpreterState {
  const { layout } = runtime;
  const threadsHead = readPointer(memory, offsetBy(address, layout.interpreter.threadsHead));
  const id =
    layout.interpreter.id === undefined
      ? undefined
      : readSize(memory, offsetBy(address, layout.interpreter.id));
  const isMain = id === undefined ? isLast : id === 0;
  return {
    // Before 3.7 interpreters have no id; the address tells them apart, as it does in every other version.
    facts: { id: id ?? (isLast ? 0 : address), address, isMain, isIdle: threadsHead === undefined },
    threadsHead,
    ...readGil(memory, runtime, address),
    ...readCollection(memory, runtime, address),
  };
}

type GilFacts = Pick<InterpreterState, 'gilHolder' | 'hasGil' | 'gilWaits'>;

function readGil(memory: Memory, { layout, roots }: CPythonRuntime, interpreter: Address): GilFacts {
  if (layout.interpreter.gil === undefined || layout.gil === undefined) {
    const holder = roots.currentThreadState;
    return {
      gilHolder: holder === undefined ? undefined : readPointer(memory, holder),
      hasGil: true,
      gilWaits: roots.gilWaits ?? interpreterLockWaits(memory, roots.interpreterLock),
    };
  }
  const gil = readPointer(memory, offsetBy(interpreter, layout.interpreter.gil));
  if (gil === undefined) return { gilHolder: undefined, hasGil: false, gilWaits: undefined };
  const state = new StructView(memory.read(gil, layout.gil.sizeBytes), 'struct _gil_runtime_state');
  const isLocked = state.i32(layout.gil.locked) === 1;
  return {
    gilHolder: isLocked ? state.pointer(layout.gil.lastHolder) : undefined,
    hasGil: layout.gil.enabled === undefined || state.i32(layout.gil.enabled) !== 0,
    gilWaits: gilWaitsOf(layout, gil),
  };
}

/** `sizeof(sem_t)`; Python 2's GIL is a POSIX semaphore, see cpython/Python/thread_pthread.h, 2.7. */
const SEMAPHORE_BYTES = 32;

function interpreterLockWaits(memory: Memory, pointer: Address | undefined): GilWaits | undefined {
  if (pointer === undefined) return undefined;
  const lock = readPointer(memory, pointer);
  // Python 2 makes the lock when the first thread is started; until then nobody can wait.
  if (lock === undefined) return { waiting: [], dropping: [] };
  return { waiting: [{ address: lock, sizeBytes: SEMAPHORE_BYTES }], dropping: [] };
}

type CollectionFacts = Pick<InterpreterState, 'isCollectingGarbage' | 'collectingFrame'>;

function readCollection(memory: Memory, runtime: CPythonRuntime, interpreter: Address): CollectionFacts {
  const isCollectingGarbage = readIsCollecting(memory, runtime, interpreter);
  const { gcFrame } = runtime.layout.interpreter;
  const isTold = isCollectingGarbage === true && gcFrame !== undefined;
  const collectingFrame = isTold ? readPointer(memory, offsetBy(interpreter, gcFrame)) : undefined;
  return { isCollectingGarbage, collectingFrame };
}

function readIsCollecting(
  memory: Memory,
  runtime: CPythonRuntime,
  interpreter: Address,
): boolean | undefined {
  const place = collectingPlace(runtime, interpreter);
  return place === undefined ? undefined : readInt(memory, place) !== 0;
}

function readInt(memory: Memory, address: Address): number {
  return new StructView(memory.read(address, 4), 'int').i32(0);
}

function readSize(memory: Memory, address: Address): number {
  return new StructView(memory.read(address, 8), 'id').ssize(0);
}
