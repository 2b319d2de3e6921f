import { gilStateOf } from '../../cpython/gil-state.ts';
import type { ThreadActivity } from '../../model/thread-stack.ts';
import type { GilDoing } from './gil-ledger.ts';
import type { FollowedThread } from './gil-threads.ts';

/** What is asked what a thread does. */
interface ActivityWatch extends Disposable {
  read(): ThreadActivity;
}

/** One thread more is looked at with each look at the GIL for so many threads; each costs some microseconds. */
const THREADS_PER_LOOK = 20;
const MOST_LOOKS = 4;
/** Threads that are looked at before their turn, and how many times: one that runs for longer does so without the GIL. */
const MOST_HURRIED = 4;
const LONGEST_HURRY = 20;

/** Looks at what threads do about their GIL, at some of them each time, so that each has its turn. */
export class WaitingLooks implements Disposable {
  readonly #open: (threadId: number) => ActivityWatch;
  readonly #watches = new Map<number, ActivityWatch>();
  #threads: readonly FollowedThread[] = [];
  /** By the places of threads, how often they were found running since. */
  readonly #hurried = new Map<number, number>();
  #turn = 0;

  constructor(open: (threadId: number) => ActivityWatch) {
    this.#open = open;
  }

  /** Takes up other threads. */
  follow(threads: readonly FollowedThread[]): void {
    this.#threads = threads;
    const ids = new Set(threads.map(({ osThreadId }) => osThreadId));
    for (const [threadId, watch] of this.#watches) {
      if (ids.has(threadId)) continue;
      watch[Symbol.dispose]();
      this.#watches.delete(threadId);
    }
  }

  /** Has a thread looked at before its turn, each time until it is seen asleep: it has just let go of the GIL, and may wait for it again. */
  hurry(index: number): void {
    if (this.#hurried.size < MOST_HURRIED) this.#hurried.set(index, 0);
  }

  /** Looks at the threads that are hurried and at those whose turn it is. */
  look(tell: (thread: FollowedThread, doing: GilDoing) => void): void {
    for (const [index, looks] of this.#hurried) {
      const thread = this.#threads.find((each) => each.index === index);
      const doing = thread && this.#doingOf(thread);
      if (thread !== undefined && doing !== undefined) tell(thread, doing);
      if (doing === 'runs' && looks < LONGEST_HURRY) this.#hurried.set(index, looks + 1);
      else this.#hurried.delete(index);
    }
    const { length } = this.#threads;
    const looks = Math.min(length, MOST_LOOKS, Math.ceil(length / THREADS_PER_LOOK));
    for (let look = 0; look < looks; look += 1) {
      this.#turn = (this.#turn + 1) % length;
      const thread = this.#threads[this.#turn];
      if (thread !== undefined && !this.#hurried.has(thread.index)) tell(thread, this.#doingOf(thread));
    }
  }

  [Symbol.dispose](): void {
    this.follow([]);
  }

  #doingOf({ state: address, interpreter: { gil, gilWaits }, osThreadId }: FollowedThread): GilDoing {
    if (osThreadId === undefined || gilWaits === undefined) return 'unknown';
    let watch = this.#watches.get(osThreadId);
    if (watch === undefined) {
      watch = this.#open(osThreadId);
      this.#watches.set(osThreadId, watch);
    }
    const facts = { hasGil: gil.isInUse, gilHolder: undefined, gilWaits };
    const activity = watch.read();
    if (activity.state === 'running') return 'runs';
    const state = gilStateOf(facts, { address }, activity);
    return state === 'holds' ? 'none' : (state ?? 'unknown');
  }
}
