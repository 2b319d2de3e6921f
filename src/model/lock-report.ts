import type { AsyncLoop } from './async-task.ts';
import type { Problem } from './problem.ts';
import type { ProcessFacts } from './snapshot.ts';
import type { WaitingThread } from './thread-wait.ts';
import type { WaitingTask } from './waiting-task.ts';

/** A thread or a task of a report, by its place among them. */
export interface Party {
  readonly kind: 'thread' | 'task';
  readonly at: number;
}

/** Threads and tasks of which each waits for the next, and the last for the first. */
export interface Deadlock {
  readonly parties: readonly Party[];
  /** One of them gives up after some time, so that it does not last for ever. */
  readonly hasTimeLimit: boolean;
}

/** An event loop of asyncio that a thread runs. */
export interface RunningLoop extends Pick<AsyncLoop, 'address' | 'typeName' | 'interpreterId' | 'turn'> {
  /** The place of that thread among the threads of the report. */
  readonly thread: number;
}

/** Who waits for whom in a process, at one moment. */
export interface LockReport {
  readonly process: ProcessFacts;
  /** When the read began, as an ISO 8601 time in UTC. */
  readonly takenAt: string;
  /** How long the target's threads stood still; `undefined` when they did not. */
  readonly pauseNs: bigint | undefined;
  /** Newest first, as CPython lists them, so the main thread is last. */
  readonly threads: readonly WaitingThread[];
  /** The tasks of asyncio that wait for a lock or hold one, and those on whose end they wait, and so on. */
  readonly tasks: readonly WaitingTask[];
  /** The event loops that threads run. */
  readonly loops: readonly RunningLoop[];
  readonly deadlocks: readonly Deadlock[];
  readonly problems: readonly Problem[];
}
