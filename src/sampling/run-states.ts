/** What the kernel says that a thread does. */
interface RunWatch extends Disposable {
  read(): 'runs' | 'sleeps' | 'gone' | 'unknown';
  /** Stays as it is as long as a thread that sleeps does not run; `undefined` for one that runs, or where nothing tells. */
  readonly markAsleep: string | undefined;
}

/** So many sleeping threads are asked in each sweep, at 1.5 µs each; of more, each has its turn. */
const ASKED_PER_SWEEP = 16;

interface Entry {
  readonly watch: RunWatch;
  isAsleep: boolean;
  /** Sweeps since it was asked. */
  age: number;
}

/**
 * Which threads run. One that slept, and cannot have run Python since, is asked anew in each sweep as long as there are few
 * such: in a pool of hundreds the kernel would be asked for nothing else. One that wakes to run Python is noticed at
 * once; one that wakes within C code, some sweeps later.
 */
export class RunStates implements Disposable {
  readonly #open: (threadId: number) => RunWatch;
  readonly #entries = new Map<number, Entry>();
  #asleep = 0;
  #asleepBefore = 0;

  constructor(open: (threadId: number) => RunWatch) {
    this.#open = open;
  }

  beginSweep(): void {
    this.#asleepBefore = this.#asleep;
    this.#asleep = 0;
  }

  /** @param isStill no Python ran on it since the last sweep */
  runs(threadId: number, isStill: boolean): boolean {
    let entry = this.#entries.get(threadId);
    if (entry === undefined) {
      entry = { watch: this.#open(threadId), isAsleep: false, age: 0 };
      this.#entries.set(threadId, entry);
    }
    entry.age += 1;
    const turn = Math.ceil(this.#asleepBefore / ASKED_PER_SWEEP);
    if (!(entry.isAsleep && isStill && entry.age < turn)) {
      entry.age = 0;
      const state = entry.watch.read();
      entry.isAsleep = state === 'sleeps' || state === 'gone';
    }
    if (entry.isAsleep) this.#asleep += 1;
    return !entry.isAsleep;
  }

  /** A mark that stays as it is as long as a thread that was found asleep does not run; `undefined` where nothing tells. */
  markOf(threadId: number): string | undefined {
    return this.#entries.get(threadId)?.watch.markAsleep;
  }

  /** Lets go of threads that have ended. */
  keepOnly(threadIds: ReadonlySet<number>): void {
    for (const [threadId, { watch }] of this.#entries) {
      if (threadIds.has(threadId)) continue;
      watch[Symbol.dispose]();
      this.#entries.delete(threadId);
    }
  }

  [Symbol.dispose](): void {
    this.keepOnly(new Set());
  }
}
