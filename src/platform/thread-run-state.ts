import { KeptFile } from './kept-file.ts';
import { findStateIn } from './proc/stat.ts';

/** What the kernel says that a thread does at this moment: `runs` on a CPU or waits for one. */
export type RunState = 'runs' | 'sleeps' | 'gone' | 'unknown';

/** Larger than any line of stat. */
const BUFFER = Buffer.alloc(1024);
const LETTER_R = 0x52;
/** Of `running`, which syscall says in the place of a number. */
const LETTER_SMALL_R = 0x72;

/**
 * Watches whether a thread runs, with its files kept open: that costs 1.5 µs for one that has slept since the last look, as
 * schedstat counts how often a thread was given a CPU, twice as much for one that goes on running, and more where that changes.
 */
export class ThreadRunState implements Disposable {
  readonly #path: string;
  readonly #statistics: KeptFile;
  readonly #syscall: KeptFile;
  /** Read where the other is not to be had, as it takes twice as long. */
  #stat: KeptFile | undefined;
  #isAwake = false;
  /** What schedstat said when the thread was last seen asleep. */
  #markAsleep: string | undefined;

  /** @param path its directory in /proc */
  constructor(pid: number, threadId: number, path = `/proc/${pid}/task/${threadId}`) {
    this.#path = path;
    this.#statistics = new KeptFile(`${this.#path}/schedstat`);
    this.#syscall = new KeptFile(`${this.#path}/syscall`);
  }

  read(): RunState {
    // One that was awake will mostly be so again, and needs no mark.
    if (this.#isAwake) {
      const state = this.#readState();
      if (state !== 'sleeps') return state;
    }
    // The mark first: a thread that wakes between the two is seen awake now, or has another mark at the next look.
    const mark = this.#readMark();
    if (mark !== undefined && mark === this.#markAsleep) return 'sleeps';
    const state = this.#readState();
    this.#isAwake = state === 'runs';
    this.#markAsleep = state === 'sleeps' ? mark : undefined;
    return state;
  }

  /**
   * What the kernel had counted of its runs when it was last seen asleep: as long as that stays, it has not run.
   * `undefined` for one that was awake, and where nothing counts them.
   */
  get markAsleep(): string | undefined {
    return this.#markAsleep;
  }

  [Symbol.dispose](): void {
    this.#statistics[Symbol.dispose]();
    this.#syscall[Symbol.dispose]();
    this.#stat?.[Symbol.dispose]();
  }

  /** `undefined` where the kernel does not keep the statistics. */
  #readMark(): string | undefined {
    const mark = this.#statistics.readLine();
    return mark?.startsWith('0 0 0') ? undefined : mark;
  }

  #readState(): RunState {
    const length = this.#syscall.read(BUFFER);
    if (length === 'gone') return 'gone';
    if (length === 'refused') return this.#readStateLetter();
    return BUFFER[0] === LETTER_SMALL_R ? 'runs' : 'sleeps';
  }

  #readStateLetter(): RunState {
    this.#stat ??= new KeptFile(`${this.#path}/stat`);
    const length = this.#stat.read(BUFFER);
    if (length === 'gone') return 'gone';
    if (length === 'refused') return 'unknown';
    return BUFFER[findStateIn(BUFFER, length)] === LETTER_R ? 'runs' : 'sleeps';
  }
}
