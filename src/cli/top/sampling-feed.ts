import type { LiveMoment, LiveProfile, Profile, Sampling, SamplingAccount } from '../../api/index.ts';
import type { Context } from '../context.ts';
import type { Press } from './top-keys.ts';

/** What happens while a process is being watched. */
export type TopEvent =
  | { readonly kind: 'moment'; readonly moment: LiveMoment }
  /** Sampling has come to its end by itself. */
  | { readonly kind: 'ended'; readonly account: SamplingAccount }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'key'; readonly press: Press }
  /** The terminal shows something else, or has another size. */
  | { readonly kind: 'resized' };

/** When moments are wanted, and who else may end it. */
export interface FeedOptions {
  /** What lies between two moments. */
  readonly delayMs: number;
  /** What lies before the first one. */
  readonly firstMs: number;
  readonly onInterrupt: Context['onInterrupt'];
}

/** All that happens while a process is being sampled, one after the other: a moment now and then, keys, the end. */
export class SamplingFeed implements Disposable {
  readonly #sampling: Sampling;
  readonly #live: LiveProfile;
  readonly #forget: () => void;
  readonly #waiting: TopEvent[] = [];
  #wake = (): void => undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: Profile | undefined;
  #isOver = false;
  #delayMs: number;

  constructor(sampling: Sampling, live: LiveProfile, { delayMs, firstMs, onInterrupt }: FeedOptions) {
    this.#sampling = sampling;
    this.#live = live;
    this.#delayMs = delayMs;
    this.#forget = onInterrupt(() => this.push({ kind: 'interrupted' }));
    // The thread that samples takes a while to begin, and no table is to be about that.
    this.#takeWindow((window) => {
      this.#add(window);
      this.#waitFor(firstMs);
    });
    sampling.ended.then(
      (profile) => {
        this.#isOver = true;
        this.#tell(profile);
        this.push({ kind: 'ended', account: profile.account });
      },
      (error) => this.push({ kind: 'failed', error }),
    );
  }

  /** Changes what lies between two moments, from now on. */
  set delayMs(delayMs: number) {
    if (delayMs === this.#delayMs) return;
    this.#delayMs = delayMs;
    this.#waitFor(delayMs);
  }

  push(event: TopEvent): void {
    this.#waiting.push(event);
    this.#wake();
  }

  /** The next thing that happens. */
  async next(): Promise<TopEvent> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Forgets what was found until now. */
  async reset(): Promise<void> {
    this.#add(await this.#sampling.takeWindow());
    this.#live.reset();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#forget();
    this.#sampling.stop();
  }

  #waitFor(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#takeWindow((window) => {
        this.#tell(window);
        this.#waitFor(this.#delayMs);
      });
    }, ms);
  }

  #takeWindow(take: (window: Profile) => void): void {
    // The end of the sampling says why there is none.
    this.#sampling.takeWindow().then(take, () => undefined);
  }

  #tell(window: Profile): void {
    const moment = this.#add(window);
    if (moment !== undefined) this.push({ kind: 'moment', moment });
  }

  /** The last window comes by two ways, and counts once. */
  #add(window: Profile): LiveMoment | undefined {
    if (window === this.#last) return undefined;
    this.#last = window;
    return this.#live.take(window);
  }
}
