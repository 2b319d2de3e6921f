import { type Address, offsetBy } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { type InterpreterState, readInterpreters } from '../../cpython/interpreters.ts';
import { readKernelIds } from '../../cpython/pthread-ids.ts';
import { readPointer } from '../../cpython/runtime.ts';
import { readThreadStates, type ThreadState } from '../../cpython/thread-states.ts';
import type { Problem } from '../../model/problem.ts';
import type { SyscallState } from '../../platform/proc/syscall.ts';
import { readThreadSyscall } from '../../platform/thread-files.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { mayBeLockWait } from './blocked-calls.ts';

/** A thread of the main interpreter. */
export interface PythonThread {
  /** The kernel's id, in our pid namespace. */
  readonly id: number;
  readonly state: Address;
  /** The one that handles signals, and to 3.11 pending calls. */
  readonly isMain: boolean;
  /** Python code called what it does now. */
  readonly hasFrame: boolean;
  readonly holdsGil: boolean;
  /** It waits for the GIL, or for another to take it. */
  readonly waitsForGil: boolean;
  readonly syscall: SyscallState | undefined;
}

/** The main interpreter and its threads at a moment; what cannot be read of it is not there. */
export interface PythonThreads {
  readonly interpreter: InterpreterState;
  readonly threads: readonly PythonThread[];
  /** The thread state that holds the GIL. */
  readonly gilHolder: Address | undefined;
  /** The list of threads changed while it was read, so that some of them may be lacking. */
  readonly isTorn: boolean;
}

/** Looks at the threads of the main interpreter; `undefined` when there is none. */
export function readPythonThreads(target: LiveTarget): PythonThreads | undefined {
  const { changingMemory: memory, runtime } = target;
  const problems: Problem[] = [];
  const interpreters = readInterpreters(memory, runtime, problems);
  const interpreter = interpreters.find(({ facts }) => facts.isMain);
  if (interpreter === undefined) return undefined;
  const tasks = target.readTasks();
  const statesOf = (of: InterpreterState) => readThreadStates(memory, runtime.layout, of, problems);
  // A thread that has states of several interpreters cannot be told by them in which it is.
  const others = interpreters.filter((each) => each !== interpreter).flatMap(statesOf);
  const foreign = new Set(kernelIdsOf(memory, others, tasks).values());
  const states = statesOf(interpreter);
  const ids = kernelIdsOf(memory, states, tasks);
  const mainState = mainStateOf(target, interpreter, states, ids);
  const threads = states.flatMap((state): readonly PythonThread[] => {
    const id = ids.get(state);
    if (id === undefined || foreign.has(id)) return [];
    const syscall = readThreadSyscall(target.pid, id);
    return [
      {
        id,
        state: state.address,
        isMain: state === mainState,
        hasFrame: state.frame !== undefined,
        holdsGil: state.address === interpreter.gilHolder,
        waitsForGil: isGilWait(interpreter, syscall),
        syscall,
      },
    ];
  });
  return { interpreter, threads, gilHolder: interpreter.gilHolder, isTorn: problems.length > 0 };
}

/** Reads the thread states of the main interpreter, and nothing else: quick enough for a pause. */
export function readMainStates(target: LiveTarget): readonly Address[] {
  return readMain(target).states.map(({ address }) => address);
}

/** Reads which state of the main interpreter holds the GIL: quick enough for a pause. */
export function readGilHolder(target: LiveTarget): ThreadState | undefined {
  const { states, gilHolder } = readMain(target);
  return states.find(({ address }) => address === gilHolder);
}

function readMain({ changingMemory, runtime }: LiveTarget): {
  readonly states: readonly ThreadState[];
  readonly gilHolder: Address | undefined;
} {
  const main = readInterpreters(changingMemory, runtime, []).find(({ facts }) => facts.isMain);
  if (main === undefined) return { states: [], gilHolder: undefined };
  return {
    states: readThreadStates(changingMemory, runtime.layout, main, []),
    gilHolder: main.gilHolder,
  };
}

/** Tells whether an exception is on its way in a thread, so that no other code may run there now. */
export function readIsRaising({ changingMemory, runtime }: LiveTarget, state: Address): boolean {
  return (
    readPointer(changingMemory, offsetBy(state, runtime.layout.threadState.raisedException)) !== undefined
  );
}

/** The kernel's ids of thread states, in our pid namespace, as far as such threads live. */
function kernelIdsOf(
  memory: Memory,
  states: readonly ThreadState[],
  tasks: ReadonlyMap<number, number>,
): ReadonlyMap<ThreadState, number> {
  const inner = readKernelIds(memory, states, new Set(tasks.keys()));
  return new Map([...inner].map(([state, id]) => [state, tasks.get(id) ?? id]));
}

function mainStateOf(
  { changingMemory, runtime, pid }: LiveTarget,
  { facts }: InterpreterState,
  states: readonly ThreadState[],
  ids: ReadonlyMap<ThreadState, number>,
): ThreadState | undefined {
  const { layout, roots } = runtime;
  if (layout.interpreter.threadsMain !== undefined) {
    const main = readPointer(changingMemory, offsetBy(facts.address, layout.interpreter.threadsMain));
    if (main !== undefined) return states.find(({ address }) => address === main);
  }
  if (roots.runtime !== undefined && layout.runtime?.mainThread !== undefined) {
    const main = readPointer(changingMemory, offsetBy(roots.runtime, layout.runtime.mainThread));
    return states.find(({ threadId }) => threadId === main);
  }
  return states.find((state) => ids.get(state) === pid);
}

function isGilWait({ gilWaits }: InterpreterState, syscall: SyscallState | undefined): boolean {
  if (syscall?.kind !== 'inside' || gilWaits === undefined || !mayBeLockWait(syscall)) return false;
  const at = Number(syscall.args[0] ?? 0n);
  return [...gilWaits.waiting, ...gilWaits.dropping].some(
    ({ address, sizeBytes }) => address <= at && at < address + sizeBytes,
  );
}
