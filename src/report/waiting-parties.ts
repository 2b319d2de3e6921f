import type { LockReport, Party } from '../model/lock-report.ts';
import type { Holder, WaitingThread } from '../model/thread-wait.ts';
import { type WaitEdge, WaitGraph } from '../model/wait-graph.ts';
import type { WaitingTask } from '../model/waiting-task.ts';
import type { Style } from './style.ts';
import {
  heldWords,
  longPlace,
  ownerlessWords,
  shortPlace,
  strangerWords,
  taskWaitWords,
  taskWords,
  threadWords,
  waitWords,
} from './wait-words.ts';

type Subject =
  | { readonly kind: 'thread'; readonly thread: WaitingThread }
  | { readonly kind: 'task'; readonly task: WaitingTask };

/** The threads and tasks of a report in words, each by its place in one row. */
export class WaitingParties {
  readonly places: readonly number[];
  readonly #report: LockReport;
  readonly #style: Style;
  readonly #graph: WaitGraph;
  readonly #waiters = new Map<number, number[]>();
  readonly #edges = new Map<number, readonly WaitEdge[]>();

  constructor(report: LockReport, style: Style) {
    this.#report = report;
    this.#style = style;
    this.#graph = new WaitGraph(report);
    this.places = Array.from({ length: this.#graph.size }, (_, place) => place);
    for (const place of this.places) {
      for (const blocker of this.blockersOf(place)) {
        const known = this.#waiters.get(blocker);
        if (known === undefined) this.#waiters.set(blocker, [place]);
        else known.push(place);
      }
    }
  }

  placeOf(party: Party): number {
    return this.#graph.placeOf(party);
  }

  isTask(place: number): boolean {
    return this.#graph.partyAt(place).kind === 'task';
  }

  /** For whom one waits. */
  blockersOf(place: number): readonly number[] {
    return [...new Set(this.#graph.edgesFrom(place).map(({ to }) => to))];
  }

  /** Who waits for one. */
  waitersOf(place: number): readonly number[] {
    return this.#waiters.get(place) ?? [];
  }

  /** Whether one is worth a line that nobody is known to hold up: a thread that waits, a task that wants a lock. */
  isBlocked(place: number): boolean {
    const subject = this.#subjectAt(place);
    if (subject?.kind !== 'task') return subject?.thread.wait !== undefined;
    return subject.task.wait !== undefined && heldWords(subject.task.wait) !== undefined;
  }

  /** What one is called, with the kernel's id of a thread. */
  identity(place: number): string {
    const subject = this.#subjectAt(place);
    if (subject === undefined) return '?';
    if (subject.kind === 'task') return this.#style.bold(taskWords(subject.task));
    const { osThreadId } = subject.thread;
    const id = osThreadId === undefined ? '' : this.#style.faint(` (${osThreadId})`);
    return `${this.#style.bold(threadWords(subject.thread))}${id}`;
  }

  /** What a task is called among others. */
  taskName(place: number): string {
    const subject = this.#subjectAt(place);
    return subject?.kind === 'task' ? taskWords(subject.task).replace(/^task /u, '') : this.identity(place);
  }

  /** What a waiter waits for, as the one has it that holds it, and where that took it. */
  heldFrom(waiter: number, holder: number): string | undefined {
    if (this.#edge(waiter, holder)?.kind !== 'holds') return undefined;
    const subject = this.#subjectAt(waiter);
    const wait = subject?.kind === 'thread' ? subject.thread.wait : subject?.task.wait;
    const held = wait && heldWords(wait);
    const takenAt = this.#holderOf(waiter, holder)?.takenAt;
    return held === undefined || takenAt === undefined ? held : `${held} (${shortPlace(takenAt)})`;
  }

  /**
   * What one waits for.
   * @param blocker for whom it is said to wait
   * @param withTaken say where that took it
   */
  waitingFor(place: number, blocker?: number, withTaken = false): string {
    const subject = this.#subjectAt(place);
    if (subject === undefined) return '?';
    const takenAt = blocker === undefined ? undefined : this.#holderOf(place, blocker)?.takenAt;
    const taken = withTaken && takenAt !== undefined ? `taken at ${shortPlace(takenAt)}` : undefined;
    return subject.kind === 'thread'
      ? this.#threadWaiting(subject.thread, taken)
      : this.#taskWaiting(subject.task, taken, this.#edgeWords(place, blocker));
  }

  /** What one does that holds others up. */
  doing(place: number): string {
    const subject = this.#subjectAt(place);
    if (subject === undefined) return '?';
    if (subject.kind === 'thread') {
      const { thread } = subject;
      return thread.wait === undefined
        ? this.#running(thread)
        : `waits for ${this.#threadWaiting(thread, undefined)}`;
    }
    const { task } = subject;
    if (task.wait !== undefined) return `waits for ${this.#taskWaiting(task, undefined, undefined)}`;
    return `${task.state === 'running' ? 'runs' : 'is about to go on'}${this.#where(task)}`;
  }

  /** What is special of the way in which a task waits for another one; `undefined` when that holds what it wants. */
  #edgeWords(place: number, blocker: number | undefined): string | undefined {
    if (blocker === undefined) return undefined;
    const edge = this.#edge(place, blocker);
    if (edge?.kind === 'awaited') return `the end of ${this.identity(blocker)}`;
    return edge?.kind === 'runs-loop' ? `its event loop, which ${this.identity(blocker)} runs` : undefined;
  }

  #threadWaiting(thread: WaitingThread, taken: string | undefined): string {
    const { wait, hasTimeLimit } = thread;
    if (wait === undefined) return '';
    const isLimited = hasTimeLimit === true && wait.kind !== 'system-call';
    return `${this.#style.yellow(waitWords(wait, thread))}${strangerWords(thread)}${remarks(taken, isLimited)}${this.#where(thread)}`;
  }

  #taskWaiting(task: WaitingTask, taken: string | undefined, special: string | undefined): string {
    const { wait, hasTimeLimit } = task;
    if (special !== undefined)
      return `${this.#style.yellow(special)}${remarks(undefined, hasTimeLimit)}${this.#where(task)}`;
    if (wait === undefined) return this.#where(task).trimStart();
    return `${this.#style.yellow(taskWaitWords(wait))}${ownerlessWords(task)}${remarks(taken, hasTimeLimit)}${this.#where(task)}`;
  }

  #running({ activity, place }: WaitingThread): string {
    return `${activity.state === 'running' ? 'runs' : 'is not blocked'}${this.#where({ place })}`;
  }

  #where({ place }: Pick<WaitingThread, 'place'>): string {
    return place === undefined ? '' : ` ${this.#style.faint(longPlace(place))}`;
  }

  #edge(from: number, to: number): WaitEdge | undefined {
    const known = this.#edges.get(from) ?? this.#graph.edgesFrom(from);
    this.#edges.set(from, known);
    return known.find((edge) => edge.to === to);
  }

  #holderOf(waiter: number, holder: number): Holder | undefined {
    const subject = this.#subjectAt(waiter);
    const { kind, at } = this.#graph.partyAt(holder);
    const holders = subject?.kind === 'thread' ? [subject.thread.holder] : (subject?.task.holders ?? []);
    return holders.find((each) => each?.[kind] === at);
  }

  #subjectAt(place: number): Subject | undefined {
    const { kind, at } = this.#graph.partyAt(place);
    if (kind === 'thread') {
      const thread = this.#report.threads[at];
      return thread && { kind, thread };
    }
    const task = this.#report.tasks[at];
    return task && { kind, task };
  }
}

/** What stands between what is waited for and where: a comma after `taken`, as another place follows it. */
function remarks(taken: string | undefined, isLimited: boolean): string {
  const limit = isLimited ? ', not for ever' : '';
  return taken === undefined ? limit : `, ${taken}${limit},`;
}
