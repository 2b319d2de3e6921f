import type { GilCalls } from '../../target/gil-counters.ts';
import type { FollowedThread } from './gil-threads.ts';

/** Counts the calls of one thread. */
interface ThreadCounter extends Disposable {
  read(): GilCalls;
}

interface Entry {
  readonly counter: ThreadCounter;
  told: GilCalls;
}

/** How often each thread takes and drops the GIL, call by call. */
export class ExactCalls implements Disposable {
  readonly #open: (threadId: number) => ThreadCounter;
  /** By the places of the threads. */
  readonly #entries = new Map<number, Entry>();

  constructor(open: (threadId: number) => ThreadCounter) {
    this.#open = open;
  }

  /** Takes up other threads; what those that have ended did since the last report is lost. */
  follow(threads: readonly FollowedThread[]): void {
    const indices = new Set(threads.map(({ index }) => index));
    for (const [index, { counter }] of this.#entries) {
      if (indices.has(index)) continue;
      counter[Symbol.dispose]();
      this.#entries.delete(index);
    }
    for (const { index, osThreadId } of threads) {
      if (osThreadId === undefined || this.#entries.has(index)) continue;
      this.#entries.set(index, { counter: this.#open(osThreadId), told: { takes: 0, drops: 0 } });
    }
  }

  /** Answers what a thread did since this was asked last; `undefined` for one that is not counted. */
  take(index: number): GilCalls | undefined {
    const entry = this.#entries.get(index);
    if (entry === undefined) return undefined;
    const now = entry.counter.read();
    const calls = { takes: now.takes - entry.told.takes, drops: now.drops - entry.told.drops };
    entry.told = now;
    return calls;
  }

  [Symbol.dispose](): void {
    this.follow([]);
  }
}
