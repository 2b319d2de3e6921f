import { type Address, WORD_BYTES } from '../base/address.ts';
import { StructView } from '../base/struct-view.ts';
import { stackAnchorOf } from '../cpython/frame-chain.ts';
import { readKernelIds } from '../cpython/pthread-ids.ts';
import type { LiveStack } from '../target/live-stacks.ts';
import type { Target } from '../target/target.ts';
import type { Pass, PassThread } from './pass.ts';

/** The thread of the operating system that runs a thread state. */
export interface OsThread {
  /** The kernel's id, in the pid namespace that we run in. */
  readonly id: number;
  /** What `threading.get_ident()` says on it; `undefined` when only its stack showed which thread it is. */
  readonly pthreadId: Address | undefined;
}

/**
 * Finds the threads of the operating system that run a pass's thread states, as far as they still live. With several
 * interpreters a thread state may bear the id of the thread that made it rather than of the one that runs it (to 3.12,
 * `_xxsubinterpreters.run_string()` from another thread): then the C stacks tell.
 * @param tasks the kernel's threads at the moment of the pass, as `Target.readTasks` has them
 */
export function osThreadsOf(
  target: Target,
  pass: Pass,
  tasks: ReadonlyMap<number, number>,
): ReadonlyMap<PassThread, OsThread> {
  const claimed = claimedThreadsOf(target, pass.threads, tasks);
  if (pass.interpreters.length < 2) return claimed;
  const stacks = target.readLiveStacks([...tasks.values()]);
  const moved = new Map<PassThread, number>();
  for (const thread of pass.threads) {
    const claim = claimed.get(thread)?.id;
    const owner = ownerOf(target, thread, stacks, claim);
    if (owner !== undefined && owner !== claim) moved.set(thread, owner);
  }
  const settled = [...claimed].filter(([thread]) => !moved.has(thread)).map(([, osThread]) => osThread);
  const pthreads = new Map(settled.map(({ id, pthreadId }) => [id, pthreadId] as const));
  return new Map([
    ...claimed,
    ...[...moved].map(([thread, id]) => [thread, { id, pthreadId: pthreads.get(id) }] as const),
  ]);
}

/** The threads whose ids the thread states bear, as far as such threads live. */
function claimedThreadsOf(
  target: Target,
  threads: readonly PassThread[],
  tasks: ReadonlyMap<number, number>,
): ReadonlyMap<PassThread, OsThread> {
  const states = threads.map(({ state }) => state);
  const innerIds = readKernelIds(target.memory, states, new Set(tasks.keys()));
  const claimed = new Map<PassThread, OsThread>();
  for (const thread of threads) {
    const inner = innerIds.get(thread.state);
    const id = inner === undefined ? undefined : tasks.get(inner);
    if (id !== undefined) claimed.set(thread, { id, pthreadId: thread.state.threadId });
  }
  return claimed;
}

/** The thread on whose stack a thread state runs; `undefined` when no stack shows it, as for a state that runs nothing. */
function ownerOf(
  target: Target,
  { state, chain }: PassThread,
  stacks: readonly LiveStack[],
  claimed: number | undefined,
): number | undefined {
  if (chain.frames.length === 0) return undefined;
  const anchor = stackAnchorOf(target.runtime.layout, chain, state.cframe);
  const owners = stacks.filter((stack) =>
    anchor === undefined ? mentions(target, stack, state.address) : holds(stack, anchor),
  );
  // Stacks without a guard page between them share a mapping: the anchor is on the one that reaches down to just below.
  const nearest = owners.toSorted((a, b) => b.from - a.from);
  if (anchor !== undefined) return nearest[0]?.threadId;
  return owners.length === 1 || owners.every(({ threadId }) => threadId !== claimed)
    ? owners[0]?.threadId
    : claimed;
}

function holds({ from, to }: LiveStack, address: Address): boolean {
  return from <= address && address < to;
}

/** How much of a stack is looked at, from its innermost call on: where blocking calls keep the thread state. */
const SEARCHED_BYTES = 64 << 10;

/** Whether a stack holds a pointer to a thread state, as every C function that has let go of the GIL keeps one. */
function mentions(target: Target, { from, to }: LiveStack, threadState: Address): boolean {
  const sizeBytes = Math.min(SEARCHED_BYTES, to - from);
  const [bytes] = target.memory.readMany([{ address: from, sizeBytes }]);
  if (bytes === undefined) return false;
  const words = new StructView(bytes, 'stack');
  for (let at = 0; at + WORD_BYTES <= bytes.length; at += WORD_BYTES) {
    if (words.u32(at) + words.u32(at + 4) * 0x1_0000_0000 === threadState) return true;
  }
  return false;
}
