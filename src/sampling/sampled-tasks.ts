import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import { monotonicNs } from '../target/sampling-host.ts';
import { type TaskStackParts, TaskStacks } from './task-stacks.ts';
import { type TaskLookCounts, WaitingTasks } from './waiting-tasks.ts';

/** A stack at which tasks wait whose loop a thread runs. */
export interface WaitingSample {
  readonly track: ThreadTrack;
  readonly stack: number;
  readonly count: number;
}

/** The tasks of asyncio of one process: those that run, and, where they are wanted, those that wait. */
export class SampledTasks {
  readonly #running: TaskStacks;
  readonly #waiting: WaitingTasks | undefined;

  constructor(parts: TaskStackParts, wanted: 'running' | 'all') {
    this.#running = new TaskStacks(parts);
    const { paths } = this.#running;
    if (wanted === 'all')
      this.#waiting = new WaitingTasks({ ...parts, paths, nowNs: monotonicNs, random: Math.random });
  }

  /** Says that a sweep has begun, whose threads may be others than before. */
  beginSweep(sweep: ProcessSweep, nowNs: number): void {
    this.#running.beginSweep(sweep, nowNs);
  }

  /** The stack by task of a thread whose own stack is `plain`: see {@link TaskStacks.stackOf}. */
  stackOf(track: ThreadTrack, plain: number, isStill: boolean): number {
    return this.#running.stackOf(track, plain, isStill);
  }

  /** See {@link TaskStacks.ownCallsOf}. */
  ownCallsOf(track: ThreadTrack): number | undefined {
    return this.#running.ownCallsOf(track);
  }

  /** The stacks at which tasks wait now; none where these are not wanted. */
  lookAtWaiting({ tracks, interpreters }: ProcessSweep, counts: TaskLookCounts): readonly WaitingSample[] {
    if (this.#waiting === undefined) return [];
    const owners = interpreters.map(({ address: interpreter }) => ({
      interpreter,
      threads: tracks.filter((track) => track.interpreter === interpreter),
    }));
    return this.#waiting.look(owners, counts).flatMap(({ threadState, stack, count }) => {
      const track = tracks.find(({ state }) => state === threadState);
      return track === undefined || count === 0 ? [] : { track, stack, count };
    });
  }
}
