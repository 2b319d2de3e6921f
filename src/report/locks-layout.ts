import type { Deadlock, LockReport, WaitingThread } from '../model/thread-wait.ts';
import type { Style } from './style.ts';
import { heldWords, longPlace, shortPlace, strangerWords, threadWords, waitWords } from './wait-words.ts';

/**
 * Renders who waits for whom: deadlocks first, each as a chain, then the threads that hold others up, the longest chains
 * of waits first, then every other blocked thread in a line.
 */
export function* locksLines(report: LockReport, style: Style): Generator<string> {
  const page = new LockPage(report, style);
  yield* page.lines();
}

/** A thread that others wait for, and those that do. */
interface Blocker {
  readonly at: number;
  readonly waiters: readonly Blocker[];
  /** How many waits follow one another, at most. */
  readonly height: number;
}

class LockPage {
  readonly #threads: readonly WaitingThread[];
  readonly #deadlocks: readonly Deadlock[];
  readonly #style: Style;
  readonly #inDeadlock: ReadonlySet<number>;

  constructor({ threads, deadlocks }: LockReport, style: Style) {
    this.#threads = threads;
    this.#deadlocks = deadlocks;
    this.#style = style;
    this.#inDeadlock = new Set(deadlocks.flatMap((deadlock) => deadlock.threads));
  }

  *lines(): Generator<string> {
    for (const deadlock of this.#deadlocks) {
      yield* this.#deadlockLines(deadlock);
      yield '';
    }
    const blockers = [...this.#threads.keys()]
      .filter((at) => !this.#inDeadlock.has(at) && this.#holderOf(at) === undefined)
      .map((at) => this.#blockerOf(at))
      .filter(({ waiters }) => waiters.length > 0)
      .toSorted((a, b) => b.height - a.height);
    for (const blocker of blockers) {
      yield* this.#blockerLines(blocker);
      yield '';
    }
    const roots = new Set(blockers.map(({ at }) => at));
    const others = [...this.#threads.entries()].filter(
      ([at, { wait }]) =>
        wait !== undefined && !this.#inDeadlock.has(at) && !roots.has(at) && this.#holderOf(at) === undefined,
    );
    if (others.length > 0) yield this.#style.bold('Blocked, and no thread is known to hold them up:');
    for (const [, thread] of others) yield `  ${this.#identity(thread)}: ${this.#waiting(thread)}`;
    if (this.#deadlocks.length + blockers.length + others.length === 0) yield 'No thread is blocked';
  }

  *#deadlockLines({ threads: circle, hasTimeLimit }: Deadlock): Generator<string> {
    const count =
      circle.length === 1 ? '1 thread waits for itself' : `${circle.length} threads wait for each other`;
    yield hasTimeLimit
      ? this.#style.yellow(`Not for ever: ${count}, until a time limit of one of them`)
      : this.#style.red(`Deadlock: ${count}`);
    for (const [index, at] of circle.entries()) {
      const thread = this.#threads[at];
      const before = this.#threads[circle.at(index - 1) ?? at];
      if (thread === undefined || before === undefined) continue;
      const held = heldBy(before);
      yield `  ${this.#identity(thread)}${held === undefined ? '' : ` holds ${held}`}`;
      yield `    ${held === undefined ? '' : 'and '}waits for ${this.#waiting(thread)}`;
    }
    for (const at of circle)
      for (const waiter of this.#blockerOf(at).waiters) yield* this.#waiterLines(waiter, '  ');
  }

  *#blockerLines({ at, waiters }: Blocker): Generator<string> {
    const thread = this.#threads[at];
    if (thread === undefined) return;
    const count = countOf(waiters);
    const what = thread.wait === undefined ? this.#running(thread) : `waits for ${this.#waiting(thread)}`;
    yield `${this.#identity(thread)} holds up ${count === 1 ? '1 thread' : `${count} threads`}`;
    yield `    and ${what}`;
    for (const waiter of waiters) yield* this.#waiterLines(waiter, '  ');
  }

  *#waiterLines({ at, waiters }: Blocker, indent: string): Generator<string> {
    const thread = this.#threads[at];
    if (thread === undefined) return;
    const { holder } = thread;
    const taken = holder?.takenAt === undefined ? '' : `, taken at ${shortPlace(holder.takenAt)},`;
    yield `${indent}${this.#identity(thread)} waits for ${this.#waiting(thread, taken)}`;
    for (const waiter of waiters) yield* this.#waiterLines(waiter, `${indent}  `);
  }

  /** The threads that wait for one, without those of a deadlock, which stand above. */
  #blockerOf(at: number): Blocker {
    const waiters = [...this.#threads.keys()]
      .filter((each) => this.#holderOf(each) === at && !this.#inDeadlock.has(each))
      .map((each) => this.#blockerOf(each));
    return { at, waiters, height: Math.max(0, ...waiters.map(({ height }) => height + 1)) };
  }

  #holderOf(at: number): number | undefined {
    return this.#threads[at]?.holder?.thread;
  }

  #identity(thread: WaitingThread): string {
    const id = thread.osThreadId === undefined ? '' : this.#style.faint(` (${thread.osThreadId})`);
    return `${this.#style.bold(threadWords(thread))}${id}`;
  }

  #waiting(thread: WaitingThread, taken = ''): string {
    const { wait, place, hasTimeLimit } = thread;
    if (wait === undefined) return '';
    const limit = hasTimeLimit === true && wait.kind !== 'system-call' ? ', not for ever' : '';
    const where = place === undefined ? '' : ` ${this.#style.faint(longPlace(place))}`;
    return `${this.#style.yellow(waitWords(wait, thread))}${strangerWords(thread)}${taken}${limit}${where}`;
  }

  #running({ activity, place }: WaitingThread): string {
    const what = activity.state === 'running' ? 'runs' : 'is not blocked';
    return place === undefined ? what : `${what} ${this.#style.faint(longPlace(place))}`;
  }
}

/** What a thread waits for, as its holder has it, and where that took it. */
function heldBy({ wait, holder }: WaitingThread): string | undefined {
  const held = wait && heldWords(wait);
  if (held === undefined) return undefined;
  return holder?.takenAt === undefined ? held : `${held} (${shortPlace(holder.takenAt)})`;
}

function countOf(waiters: readonly Blocker[]): number {
  return waiters.reduce((sum, waiter) => sum + 1 + countOf(waiter.waiters), 0);
}
