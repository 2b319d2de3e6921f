import { type Address, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import type { Problem } from '../model/problem.ts';
import type { InterpreterState } from './interpreters.ts';
import type { Layout, ThreadStateLayout } from './layouts/layout.ts';

/** What a PyThreadState says, before anything that it points to was read. */
export interface ThreadState {
  readonly address: Address;
  /** `threading.get_ident()`: a pthread_t. */
  readonly threadId: Address | undefined;
  /** The kernel's id in the target's pid namespace (3.11+). */
  readonly nativeThreadId: number | undefined;
  /** What tells it from a state that lay here before: the kernel's id, or the state's own (3.7 to 3.10); `undefined` before. */
  readonly ownId: number | undefined;
  /** The innermost frame; `undefined` when no Python code runs. */
  readonly frame: Address | undefined;
  /** The `_PyCFrame` of the innermost invocation of the evaluation loop, on the C stack (3.10 to 3.12). */
  readonly cframe: Address | undefined;
}

/** A list of thread states longer than this is torn: it is twice the most threads that Linux allows by default. */
const MOST_THREADS = 65_536;

/**
 * Reads an interpreter's thread states, newest first as CPython lists them, without those whose thread has not begun.
 * In a target that runs the list may change meanwhile; a state that was freed names no interpreter, or another one.
 */
export function readThreadStates(
  memory: Memory,
  layout: Layout,
  { threadsHead, facts }: InterpreterState,
  problems: Problem[],
): readonly ThreadState[] {
  const found: ThreadState[] = [];
  const seen = new Set<Address>();
  let address = threadsHead;
  while (address !== undefined) {
    if (seen.has(address) || seen.size >= MOST_THREADS) {
      problems.push({
        kind: 'unreadable-thread',
        message: 'Cannot read all threads: their list runs in a circle',
      });
      break;
    }
    seen.add(address);
    try {
      const struct = readStruct(memory, layout.threadState, address);
      if (struct.pointer(layout.threadState.interpreter) !== facts.address)
        throw struct.fail(layout.threadState.interpreter, 'it is not of this interpreter');
      found.push(threadStateFrom(memory, layout.threadState, address, struct));
      address = struct.pointer(layout.threadState.next);
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      problems.push({
        kind: 'unreadable-thread',
        message: `Cannot read the threads after ${found.length}: ${error.message}`,
      });
      break;
    }
  }
  return withoutUnborn(found);
}

/**
 * Leaves out the states of threads that have not begun. A new thread's state is in the list before the thread runs: to
 * 3.11 with the id of the thread that starts it, from 3.12 on with none.
 */
export function withoutUnborn(states: readonly ThreadState[]): readonly ThreadState[] {
  const busy = new Set(states.filter(({ frame }) => frame !== undefined).map(({ threadId }) => threadId));
  return states.filter(
    ({ threadId, frame }) => threadId !== undefined && (frame !== undefined || !busy.has(threadId)),
  );
}

function readStruct(memory: Memory, layout: ThreadStateLayout, address: Address): StructView {
  return new StructView(memory.read(address, layout.sizeBytes), 'PyThreadState', address);
}

function threadStateFrom(
  memory: Memory,
  layout: ThreadStateLayout,
  address: Address,
  struct: StructView,
): ThreadState {
  const native = layout.nativeThreadId === undefined ? 0 : struct.ssize(layout.nativeThreadId);
  const nativeThreadId = native === 0 ? undefined : native;
  return {
    address,
    threadId: struct.pointer(layout.threadId),
    nativeThreadId,
    ownId: layout.id === undefined ? nativeThreadId : struct.ssize(layout.id),
    frame: currentFrame(memory, layout, struct),
    cframe: layout.cframe === undefined ? undefined : struct.pointer(layout.cframe),
  };
}

/** Reads a thread's state again: to see whether it has moved since. */
export function readThreadState(
  memory: Memory,
  { threadState: layout }: Layout,
  address: Address,
): ThreadState {
  return threadStateFrom(memory, layout, address, readStruct(memory, layout, address));
}

function currentFrame(memory: Memory, layout: ThreadStateLayout, struct: StructView): Address | undefined {
  if (layout.frame !== undefined) return struct.pointer(layout.frame);
  if (layout.cframe === undefined || layout.cframeCurrentFrame === undefined) {
    throw new RangeError('Cannot find the current frame: the layout has neither frame nor cframe');
  }
  const cframe = struct.pointer(layout.cframe);
  if (cframe === undefined) return undefined;
  const current = memory.read(offsetBy(cframe, layout.cframeCurrentFrame), 8);
  return new StructView(current, '_PyCFrame', cframe).pointer(0);
}
