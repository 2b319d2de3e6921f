import type { Profile } from './profile.ts';
import { type Sample, SampleState, sampleAt, samplesOf } from './sample-table.ts';

/** The samples of each thread of a profile, in the order in which they were taken, without those of tasks that wait beside it. */
export class ThreadSamples {
  readonly #profile: Pick<Profile, 'samples' | 'threads'>;
  /** By thread where its samples are among all, in the order of the profile. */
  readonly #places: readonly (readonly number[])[];

  constructor(profile: Pick<Profile, 'samples' | 'threads'>) {
    this.#profile = profile;
    const places: number[][] = profile.threads.map(() => []);
    let place = 0;
    for (const { thread, state } of samplesOf(profile.samples)) {
      if ((state & SampleState.waits) === 0) places[thread]?.push(place);
      place += 1;
    }
    this.#places = places;
  }

  /** Goes through the samples of one thread. */
  *of(thread: number): Generator<Sample> {
    let first = 0;
    let at = 0;
    const places = this.#places[thread] ?? [];
    for (const block of this.#profile.samples) {
      for (; at < places.length && (places[at] ?? 0) < first + block.count; at += 1)
        yield sampleAt(block, (places[at] ?? 0) - first);
      first += block.count;
    }
  }
}
