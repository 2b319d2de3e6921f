import type { LockReport, Party } from './lock-report.ts';
import type { Holder, WaitingThread } from './thread-wait.ts';
import type { WaitingTask } from './waiting-task.ts';

/** That one goes on only when another one does. */
export interface WaitEdge {
  /** A place in the row. */
  readonly to: number;
  /** It holds what is waited for, it is awaited, or it is the thread that must turn the loop of a task. */
  readonly kind: 'holds' | 'awaited' | 'runs-loop';
  /** Nobody else can let it go on. */
  readonly isSure: boolean;
  /** It does not wait for ever. */
  readonly hasTimeLimit: boolean;
}

/** Who waits for whom in a report: its threads and then its tasks in one row. */
export class WaitGraph {
  readonly #threads: readonly WaitingThread[];
  readonly #tasks: readonly WaitingTask[];

  constructor({ threads, tasks }: Pick<LockReport, 'threads' | 'tasks'>) {
    this.#threads = threads;
    this.#tasks = tasks;
  }

  /** How many there are in the row. */
  get size(): number {
    return this.#threads.length + this.#tasks.length;
  }

  /** Finds whom a place of the row is of. */
  partyAt(place: number): Party {
    const at = place - this.#threads.length;
    return at < 0 ? { kind: 'thread', at: place } : { kind: 'task', at };
  }

  /** Finds the place of a thread or a task in the row. */
  placeOf({ kind, at }: Party): number {
    return kind === 'thread' ? at : this.#threads.length + at;
  }

  /** For whom the one at a place waits. */
  edgesFrom(place: number): readonly WaitEdge[] {
    const thread = this.#threads[place];
    if (thread !== undefined) return this.#edgesOfThread(thread);
    const task = this.#tasks[place - this.#threads.length];
    return task === undefined ? [] : this.#edgesOfTask(task);
  }

  #edgesOfThread({ holder, hasTimeLimit }: WaitingThread): readonly WaitEdge[] {
    const to = holder && this.#placeOfHolder(holder);
    const limit = hasTimeLimit === true;
    return to === undefined ? [] : [{ to, kind: 'holds', isSure: true, hasTimeLimit: limit }];
  }

  #edgesOfTask({ holders, areAllHolders, awaits, hasTimeLimit, thread }: WaitingTask): readonly WaitEdge[] {
    const isSure = areAllHolders && holders.length === 1;
    const held = holders.flatMap((holder): WaitEdge | readonly [] => {
      const to = this.#placeOfHolder(holder);
      return to === undefined ? [] : { to, kind: 'holds', isSure, hasTimeLimit };
    });
    const awaited = awaits.map((at): WaitEdge => {
      return { to: this.#threads.length + at, kind: 'awaited', isSure: true, hasTimeLimit };
    });
    const needsThread = thread !== undefined && this.#isHeldUp(thread);
    // While its thread is held up no timeout of a task ends either.
    const loop: readonly WaitEdge[] = needsThread
      ? [{ to: thread, kind: 'runs-loop', isSure: true, hasTimeLimit: false }]
      : [];
    return [...held, ...awaited, ...loop];
  }

  /** One that waits for the GIL gets it in its turn. */
  #isHeldUp(at: number): boolean {
    const { wait, holder } = this.#threads[at] ?? {};
    return wait?.kind !== 'gil' && holder !== undefined && this.#placeOfHolder(holder) !== undefined;
  }

  #placeOfHolder({ thread, task }: Holder): number | undefined {
    return task === undefined ? thread : this.#threads.length + task;
  }
}
