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
  readonly makeLive: () => LiveProfile;
  readonly onInterrupt: Context['onInterrupt'];
}

/** All that happens while a process is being sampled, one after the other: a moment now and then, keys, the end. */
export class SamplingFeed implements Disposable {
  readonly #options: FeedOptions;
  readonly #forget: () => void;
  readonly #waiting: TopEvent[] = [];
  #wake = (): void => undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What is followed: nothing for the moment in which it is changed. */
  #sampling: Sampling | undefined;
  #live: LiveProfile;
  #last: Profile | undefined;
  #isOver = false;
  #delayMs: number;

  constructor(sampling: Sampling, options: FeedOptions) {
    this.#options = options;
    this.#delayMs = options.delayMs;
    this.#live = options.makeLive();
    this.#forget = options.onInterrupt(() => this.push({ kind: 'interrupted' }));
    this.#follow(sampling);
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
    if (this.#sampling === undefined) return;
    this.#add(await this.#sampling.takeWindow());
    this.#live.reset();
  }

  /** Ends the sampling, and then follows another one from its beginning: two cannot stop the threads of one process. */
  async change(start: (before: Sampling) => Promise<Sampling>): Promise<void> {
    const before = this.#sampling;
    if (before === undefined || this.#isOver) return;
    clearTimeout(this.#timer);
    this.#sampling = undefined;
    before.stop();
    await before.ended;
    this.#live = this.#options.makeLive();
    this.#follow(await start(before));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#forget();
    this.#sampling?.stop();
  }

  #follow(sampling: Sampling): void {
    this.#sampling = sampling;
    // The thread that samples takes a while to begin, and no table is to be about that.
    this.#takeWindow((window) => {
      this.#add(window);
      this.#waitFor(this.#options.firstMs);
    });
    sampling.ended.then(
      (profile) => {
        if (sampling !== this.#sampling) return;
        this.#isOver = true;
        this.#tell(profile);
        this.push({ kind: 'ended', account: profile.account });
      },
      (error) => {
        if (sampling === this.#sampling) this.push({ kind: 'failed', error });
      },
    );
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
    const sampling = this.#sampling;
    // The end of the sampling says why there is none.
    sampling?.takeWindow().then(
      (window) => {
        if (sampling === this.#sampling) take(window);
      },
      () => undefined,
    );
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
