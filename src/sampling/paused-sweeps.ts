import { futexOf } from '../cpython/gil-state.ts';
import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { releaseLeftBehind } from '../target/sampling-host.ts';
import type { ThreadStops } from '../target/target.ts';
import type { NativeWalks, SleepingThread } from './native-walks.ts';
import type { RunStates } from './run-states.ts';
import type { SamplingClock } from './sampler.ts';
import type { SpreadCounter } from './spread-counter.ts';

/** How long a program stood still for sweeps. */
export interface PauseCounts {
  pausedNs: number;
  /** The pause of each sweep. */
  readonly pauses: SpreadCounter;
}

/** What sweeps are taken with. */
export interface PausedSweepsParts {
  readonly target: LiveTarget;
  readonly sweep: ProcessSweep;
  readonly runStates: RunStates;
  /** `undefined` where native calls are not wanted. */
  readonly walks: NativeWalks | undefined;
}

/** So often is a sweep repeated when a thread whose native calls are wanted woke in the middle of it. */
const MOST_LOOKS = 3;

/**
 * So many threads that sleep are copied while others stand still, at 20 µs each: those cannot wake them then, as threads do that
 * hand the GIL to each other.
 */
const MOST_TAKEN_IN_PAUSE = 8;

const NONE_STOPPED = { threadIds: [], registersOf: () => undefined };

/** How often it is looked whether a thread that came late to its stop can be let go. */
const RELEASE_EVERY_NS = 1_000_000;

/**
 * Sweeps for which the threads that run stand still, so that no stack is torn. Those that sleep are left asleep, since they
 * stand still by themselves: hundreds of them make no pause longer. One that woke in the middle of a look, as threads do that
 * hand the GIL to each other, is stopped for the next one even if it sleeps again, where it sleeps in futex(2): this call goes on after
 * a stop as if there had been none.
 */
export class PausedSweeps implements Disposable {
  readonly #parts: PausedSweepsParts;
  readonly #stops: ThreadStops;
  /** Of the threads that were to stand still in the last sweep, whether they ran. */
  readonly #running = new Map<number, boolean>();

  constructor(parts: PausedSweepsParts) {
    this.#parts = parts;
    this.#stops = parts.target.openThreadStops();
  }

  /**
   * Takes a sweep.
   * @param threadIds the threads that are to stand still
   * @param wanted of which threads native calls are wanted, as they were found by the sweep
   */
  sweep(threadIds: readonly number[], wanted: () => readonly number[], counts: PauseCounts): void {
    let pausedNs = 0;
    let woken: readonly number[] = [];
    for (let look = 1; look <= MOST_LOOKS; look += 1) {
      const found = this.#look(threadIds, woken, wanted);
      pausedNs += found.pauseNs;
      if (found.woken.length === 0) break;
      woken = [...new Set([...woken, ...found.woken])];
    }
    counts.pausedNs += pausedNs;
    counts.pauses.add(pausedNs);
  }

  /** Whether a thread ran, or waited for a CPU, when the last sweep began; `undefined` for one that was left out. */
  runs(threadId: number): boolean | undefined {
    return this.#running.get(threadId);
  }

  [Symbol.dispose](): void {
    this.#stops[Symbol.dispose]();
  }

  /**
   * Looks at all threads once, while some stand still.
   * @returns the threads whose native calls are wanted and that woke meanwhile
   */
  #look(
    threadIds: readonly number[],
    restless: readonly number[],
    wanted: () => readonly number[],
  ): { woken: readonly number[]; pauseNs: number } {
    const { sweep, runStates, walks } = this.#parts;
    walks?.beginLook();
    const running = this.#findRunning(threadIds);
    const marks = new Map(threadIds.map((id) => [id, runStates.markOf(id)]));
    using pause = this.#stops.pause([...running, ...this.#stoppable(restless)]);
    sweep.sweep();
    if (walks === undefined) return { woken: [], pauseNs: endOf(pause) };
    const ids = wanted();
    const stopped = new Set(pause.threadIds);
    const asleep = ids
      .filter((id) => this.#running.get(id) === false && !stopped.has(id))
      .filter((id) => !walks.takeKnown(id, marks.get(id)))
      .map((id) => this.#sleeping(id, marks.get(id)));
    const standing = {
      threadIds: ids.filter((id) => stopped.has(id)),
      registersOf: pause.registersOf.bind(pause),
    };
    const woken = walks.take(standing, asleep.slice(0, MOST_TAKEN_IN_PAUSE));
    const pauseNs = endOf(pause);
    const late = asleep.slice(MOST_TAKEN_IN_PAUSE).flatMap((thread) => walks.take(NONE_STOPPED, [thread]));
    return { woken: [...woken, ...late], pauseNs };
  }

  #sleeping(threadId: number, mark: string | undefined): SleepingThread {
    const { runStates } = this.#parts;
    return {
      threadId,
      mark,
      isStillAsleep: () => !runStates.runs(threadId, false) && runStates.markOf(threadId) === mark,
    };
  }

  #findRunning(threadIds: readonly number[]): readonly number[] {
    this.#running.clear();
    for (const id of threadIds) this.#running.set(id, this.#parts.runStates.runs(id, false));
    return threadIds.filter((id) => this.#running.get(id));
  }

  /** Those of some threads that were found asleep, and sleep in a call that a stop does not end or have woken since. */
  #stoppable(threadIds: readonly number[]): readonly number[] {
    const { target } = this.#parts;
    return threadIds.filter((id) => {
      if (this.#running.get(id) !== false) return false;
      const activity = target.activityOf(id);
      return activity.state === 'running' || futexOf(activity) !== undefined;
    });
  }
}

function endOf(pause: { resume(): void; readonly pausedForNs: number }): number {
  pause.resume();
  return pause.pausedForNs;
}

/** Sleeps until a moment, and lets threads go meanwhile that came late to their stop; `false` when sampling is to end. */
export function sleepAndRelease(clock: Pick<SamplingClock, 'nowNs' | 'sleepUntil'>, ns: number): boolean {
  while (!releaseLeftBehind()) {
    const soonNs = Math.min(ns, clock.nowNs() + RELEASE_EVERY_NS);
    if (!clock.sleepUntil(soonNs)) return false;
    if (soonNs === ns) return true;
  }
  return clock.sleepUntil(ns);
}
