import type { Address } from '../base/address.ts';
import type { RawLoop, RawTask, RawTasks } from '../cpython/asyncio/tasks.ts';
import type { RawFrame } from '../cpython/frame-chain.ts';
import type { PassThread } from './pass.ts';

/** The calls of a task that runs: a piece of the stack of a thread, innermost first. */
export interface RunningCalls {
  readonly thread: PassThread;
  readonly frames: readonly RawFrame[];
}

interface Place {
  readonly thread: PassThread;
  /** Counted from the innermost frame. */
  readonly index: number;
}

/** Where on the stacks of threads the coroutines of running tasks are. */
export class RunningTasks {
  readonly #places = new Map<Address, Place>();

  constructor(threads: readonly PassThread[], { tasks }: RawTasks) {
    const wanted = new Set(tasks.flatMap(({ chain }) => chain.executing ?? []));
    if (wanted.size === 0) return;
    for (const thread of threads) {
      for (const [index, { address }] of thread.chain.frames.entries())
        if (wanted.has(address)) this.#places.set(address, { thread, index });
    }
  }

  /** The calls of a task that runs: those of its thread, in to where the task of another coroutine begins. */
  callsOf({ chain }: RawTask): RunningCalls | undefined {
    const place = chain.executing === undefined ? undefined : this.#places.get(chain.executing);
    if (place === undefined) return undefined;
    const { thread, index } = place;
    const inner = [...this.#places.values()].filter(
      (other) => other.thread === thread && other.index < index,
    );
    const first = Math.max(-1, ...inner.map((other) => other.index)) + 1;
    return { thread, frames: thread.chain.frames.slice(first, index + 1) };
  }
}

/** The thread that runs a loop: its state says so, else the loop itself, which need not be true after a fork. */
export function loopThreadOf(
  threads: readonly PassThread[],
  { runningLoops }: RawTasks,
  { address, threadId }: RawLoop,
): PassThread | undefined {
  return (
    threads.find(({ state }) => runningLoops.get(state.address) === address) ??
    threads.find(({ state }) => threadId !== undefined && state.threadId === threadId)
  );
}
