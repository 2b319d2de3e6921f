import type { Profile } from './profile.ts';
import type { SampleBlock } from './sample-table.ts';

/** Puts windows of one sampling together again, as if none had been taken. Their tables must not have begun anew. */
export class WindowGatherer {
  readonly #samples: SampleBlock[] = [];
  #last: Profile | undefined;
  #whole: Profile | undefined;

  add(window: Profile): void {
    this.#samples.push(...window.samples);
    this.#last = window;
    this.#whole = undefined;
  }

  /** All windows so far as one, the same object until there is another; `undefined` before the first. */
  get profile(): Profile | undefined {
    this.#whole ??= this.#last && { ...this.#last, samples: [...this.#samples] };
    return this.#whole;
  }
}
