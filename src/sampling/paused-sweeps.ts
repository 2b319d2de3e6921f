import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { releaseLeftBehind } from '../target/sampling-host.ts';
import type { NativeWalks } from './native-walks.ts';
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

/** How often it is looked whether a thread that came late to its stop can be let go. */
const RELEASE_EVERY_NS = 1_000_000;

/**
 * Sweeps for which the threads that run stand still, so that no stack is torn. Those that sleep are left asleep, since they
 * stand still by themselves: hundreds of them make no pause longer.
 */
export class PausedSweeps {
  readonly #parts: PausedSweepsParts;
  /** Of the threads that were to stand still in the last sweep, whether they ran. */
  readonly #running = new Map<number, boolean>();

  constructor(parts: PausedSweepsParts) {
    this.#parts = parts;
  }

  /**
   * Takes a sweep.
   * @param threadIds the threads that are to stand still
   * @param wanted of which threads native calls are wanted, as they were found by the sweep
   */
  sweep(threadIds: readonly number[], wanted: () => readonly number[], counts: PauseCounts): void {
    let pausedNs = 0;
    for (let look = 1; look <= MOST_LOOKS; look += 1) {
      const { isWhole, pauseNs } = this.#look(threadIds, wanted);
      pausedNs += pauseNs;
      if (isWhole) break;
    }
    counts.pausedNs += pausedNs;
    counts.pauses.add(pausedNs);
  }

  /** Whether a thread ran, or waited for a CPU, when the last sweep began; `undefined` for one that was left out. */
  runs(threadId: number): boolean | undefined {
    return this.#running.get(threadId);
  }

  #look(
    threadIds: readonly number[],
    wanted: () => readonly number[],
  ): { isWhole: boolean; pauseNs: number } {
    const { target, sweep, runStates, walks } = this.#parts;
    walks?.beginLook();
    const running = this.#findRunning(threadIds);
    const marks = new Map(threadIds.map((id) => [id, runStates.markOf(id)]));
    using pause = target.pauseThreads(running);
    sweep.sweep();
    if (walks === undefined) return { isWhole: true, pauseNs: endOf(pause) };
    const ids = wanted();
    const stopped = new Set(pause.threadIds);
    walks.copyStopped(
      pause,
      ids.filter((id) => stopped.has(id)),
    );
    const pauseNs = endOf(pause);
    const asleep = ids.filter((id) => this.#running.get(id) === false);
    const moved = asleep.filter((id) => {
      const mark = marks.get(id);
      return !walks.takeSleeping(id, mark, () => !runStates.runs(id, false) && runStates.markOf(id) === mark);
    });
    return { isWhole: moved.length === 0, pauseNs };
  }

  #findRunning(threadIds: readonly number[]): readonly number[] {
    this.#running.clear();
    for (const id of threadIds) this.#running.set(id, this.#parts.runStates.runs(id, false));
    return threadIds.filter((id) => this.#running.get(id));
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
