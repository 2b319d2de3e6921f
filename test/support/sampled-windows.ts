import { setTimeout as wait } from 'node:timers/promises';
import { type Profile, type Sampling, samplesOf } from '../../src/api/index.ts';

/** What was seen of a process that ran one program: its pid, that of the one that started it, and what was called there. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number | undefined;
  readonly calls: ReadonlySet<string>;
}

/** A sampling that a test follows: the processes that were seen until now. */
export class FollowedSampling {
  readonly #sampling: Sampling;
  readonly #calls = new Map<number, Set<string>>();
  #last: Profile | undefined;

  constructor(sampling: Sampling) {
    this.#sampling = sampling;
  }

  /** Looks until somebody was seen in all of these functions. */
  async untilSeen(...names: readonly string[]): Promise<void> {
    await this.until((seen) => names.every((name) => seen.some(({ calls }) => calls.has(name))));
  }

  /** Looks until what was seen is as wanted. */
  async until(isWanted: (seen: readonly SeenProcess[]) => boolean): Promise<void> {
    while (!isWanted(this.seen)) {
      await wait(10);
      this.#take(await this.#sampling.takeWindow());
    }
  }

  /** Ends the sampling, or waits for its end; answers the last part of the profile. */
  async end(how: 'stop' | 'wait' = 'stop'): Promise<Profile> {
    if (how === 'stop') this.#sampling.stop();
    const last = await this.#sampling.ended;
    this.#take(last);
    return last;
  }

  /** Each program of each process, in the order in which they were found. */
  get seen(): readonly SeenProcess[] {
    return (this.#last?.processes ?? []).map(({ pid, parent }, index) => ({
      pid,
      parent: parent === undefined ? undefined : this.#last?.processes[parent]?.pid,
      calls: this.#calls.get(index) ?? new Set(),
    }));
  }

  #take(window: Profile): void {
    if (window === this.#last) return;
    this.#last = window;
    const { threads, stacks, frames } = window;
    for (const { thread, stack } of samplesOf(window.samples)) {
      const process = threads[thread]?.process ?? -1;
      const calls = this.#calls.get(process) ?? new Set();
      this.#calls.set(process, calls);
      for (let node = stack; node !== 0; node = stacks.parents[node] ?? 0)
        calls.add(frames[stacks.frames[node] ?? 0]?.name ?? '?');
    }
  }
}
