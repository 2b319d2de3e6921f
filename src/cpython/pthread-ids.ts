import { type Address, offsetBy } from '../base/address.ts';
import type { Memory } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';

/**
 * Where glibc's `struct pthread` keeps the kernel's thread id on x86-64: after its thread control block of 704 bytes and
 * a list node of 16. Source: glibc nptl/descr.h; the same from 2.4 to 2.42.
 */
const GLIBC_TID_OFFSET = 720;
/** How much of the struct is searched when the id is not there: musl's is 200 bytes long, glibc's 2304. */
const SEARCHED_BYTES = 2304;
const TID_BYTES = 4;

/** What a thread state says of who runs it. */
interface ThreadIds {
  /** The kernel's id, 3.11+. */
  readonly nativeThreadId: number | undefined;
  /** The pthread_t. */
  readonly threadId: Address | undefined;
}

/**
 * Finds the kernel's ids of those who run thread states, in the target's pid namespace, as far as they live. A program in C
 * that forks, as uWSGI does, leaves the id of its parent's thread in the state of its child; the pthread knows better.
 * @param taskIds the ids of the process, in the target's pid namespace
 */
export function readKernelIds<State extends ThreadIds>(
  memory: Memory,
  states: readonly State[],
  taskIds: ReadonlySet<number>,
): ReadonlyMap<State, number> {
  const unnumbered = pthreadsOf(states.filter(({ nativeThreadId }) => nativeThreadId === undefined));
  const found = unnumbered.length === 0 ? new Map() : readPthreadIds(memory, unnumbered, taskIds);
  const ids = new Map<State, number>();
  for (const state of states) {
    const { nativeThreadId, threadId } = state;
    const id = nativeThreadId ?? (threadId === undefined ? undefined : found.get(threadId));
    if (id !== undefined && taskIds.has(id)) ids.set(state, id);
  }
  const stale = states.filter((state) => state.nativeThreadId !== undefined && !ids.has(state));
  const taken = new Set(ids.values());
  const free = new Set([...taskIds].filter((id) => !taken.has(id)));
  return stale.length === 0 ? ids : new Map([...ids, ...readForkedIds(memory, stale, free)]);
}

/** Most are of threads that have ended, whose memory may be anything by now: only a sure place counts, and an id that is free. */
function readForkedIds<State extends ThreadIds>(
  memory: Memory,
  states: readonly State[],
  freeIds: ReadonlySet<number>,
): ReadonlyMap<State, number> {
  const found = livingIds(readIdsAt(memory, pthreadsOf(states), GLIBC_TID_OFFSET), freeIds);
  return new Map(
    states.flatMap((state) => {
      const id = state.threadId === undefined ? undefined : found.get(state.threadId);
      return id === undefined ? [] : [[state, id] as const];
    }),
  );
}

function pthreadsOf(states: readonly ThreadIds[]): readonly Address[] {
  return [...new Set(states.flatMap(({ threadId }) => threadId ?? []))];
}

/**
 * Finds the kernel's thread ids of pthreads, which CPython itself keeps only from 3.11 on: every pthread_t is the
 * address of a struct that holds its id, at the one offset where all of them hold an id of the process. An ended
 * thread has 0 there, and -1 once it was joined; the memory of its struct may by then hold something else. So without
 * such an offset it is the one where most of them hold an id. Threads without an id are left out.
 * @param taskIds the ids of the process, in the target's pid namespace
 */
export function readPthreadIds(
  memory: Memory,
  pthreads: readonly Address[],
  taskIds: ReadonlySet<number>,
): ReadonlyMap<Address, number> {
  const quick = readIdsAt(memory, pthreads, GLIBC_TID_OFFSET);
  if (areThreadIds(quick, taskIds)) return livingIds(quick, taskIds);
  const structs = memory
    .readMany(pthreads.map((address) => ({ address, sizeBytes: SEARCHED_BYTES })))
    .map((bytes) => (bytes === undefined ? undefined : new StructView(bytes, 'struct pthread')));
  let best = livingIds(quick, taskIds);
  for (let offset = 0; offset < SEARCHED_BYTES; offset += TID_BYTES) {
    const ids = new Map<Address, number>();
    for (const [at, address] of pthreads.entries()) {
      const id = structs[at]?.i32(offset);
      if (id !== undefined) ids.set(address, id);
    }
    const living = livingIds(ids, taskIds);
    if (areThreadIds(ids, taskIds)) return living;
    if (living.size > best.size) best = living;
  }
  return best;
}

function readIdsAt(memory: Memory, pthreads: readonly Address[], offset: number): Map<Address, number> {
  const words = memory.readMany(
    pthreads.map((pthread) => ({ address: offsetBy(pthread, offset), sizeBytes: TID_BYTES })),
  );
  const ids = new Map<Address, number>();
  for (const [at, address] of pthreads.entries()) {
    const bytes = words[at];
    if (bytes !== undefined) ids.set(address, new StructView(bytes, 'struct pthread').i32(0));
  }
  return ids;
}

/** Every one an id of the process, or 0 or -1 for an ended thread, no two the same, and one at least alive. */
function areThreadIds(ids: ReadonlyMap<Address, number>, taskIds: ReadonlySet<number>): boolean {
  const alive = [...ids.values()].filter((id) => id !== 0 && id !== -1);
  return alive.length > 0 && alive.length === livingIds(ids, taskIds).size;
}

/** Those that are ids of the process; none when two are the same, since no two threads share one. */
function livingIds(ids: ReadonlyMap<Address, number>, taskIds: ReadonlySet<number>): Map<Address, number> {
  const living = new Map([...ids].filter(([, id]) => taskIds.has(id)));
  return new Set(living.values()).size === living.size ? living : new Map();
}
