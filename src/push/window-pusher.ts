import type { CancelSignal } from '../base/cancellation.ts';
import type { HttpPost } from '../base/ports.ts';
import { CannotPushError, type PushObstacle } from '../base/server-errors.ts';
import { type Verdict, verdictOf } from './answer.ts';
import type { Destination } from './destination.ts';

/** What became of the windows so far. */
export interface PushCounts {
  readonly sent: number;
  readonly sentBytes: number;
  readonly waiting: number;
  /** What the server could not take in time. */
  readonly dropped: number;
  /** What the server did not want. */
  readonly refused: number;
  /** Why the last one was not taken; `undefined` when it was. */
  readonly failure: string | undefined;
}

/** Where windows go, and what sends them. */
export interface PusherParts {
  readonly destination: Pick<Destination, 'url' | 'contentType'>;
  /** Who we are to the server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly post: HttpPost;
  /** Lets time pass, or less when it is called off. */
  readonly wait: (ms: number, signal: CancelSignal) => Promise<void>;
  /** Answers a number from 0 to 1, so that a fleet does not come back as one. */
  readonly random: () => number;
}

/** An hour of windows, after which servers find them too old, as long as they are small. */
const MOST_WINDOWS = 360;
const MOST_BYTES = 16 * 1024 * 1024;

const ANSWER_LIMIT_MS = 10_000;
const FIRST_NAP_MS = 1000;
const LONGEST_NAP_MS = 60_000;
const LONGEST_ASKED_NAP_MS = 300_000;
/** At the end there is no time to lose. */
const LAST_NAP_MS = 250;

/** Sends windows one after the other, and keeps those that the server cannot take now, as many as there is room for. */
export class WindowPusher {
  readonly #parts: PusherParts;
  readonly #waiting: Uint8Array[] = [];
  readonly #counts = { sent: 0, sentBytes: 0, dropped: 0, refused: 0 };
  readonly #nap = new AbortController();
  #attempt: AbortController | undefined;
  #isOver = false;
  #failure: string | undefined;
  #failures = 0;
  #isUnderWay = false;
  #running: Promise<void> | undefined;

  constructor(parts: PusherParts) {
    this.#parts = parts;
  }

  get counts(): PushCounts {
    return { ...this.#counts, waiting: this.#waiting.length, failure: this.#failure };
  }

  /**
   * Asks the server for nothing, so that a wrong one is found before the work is done.
   * @throws {CannotPushError} when nobody answers, or nobody there takes windows of us
   */
  async probe(): Promise<void> {
    const verdict = await this.#send(new Uint8Array());
    if (verdict.kind === 'later') this.#failure = verdict.state;
    // An empty message may well be refused, by who would take a full one.
    if (verdict.kind === 'refused' && verdict.obstacle !== 'refused')
      throw this.#error(verdict.obstacle, verdict.state);
  }

  /** Takes a window, which is sent as soon as those before it are. */
  add(window: Uint8Array): void {
    this.#waiting.push(window);
    const isTooMuch = (): boolean =>
      this.#waiting.length > MOST_WINDOWS ||
      this.#waiting.reduce((sum, { length }) => sum + length, 0) > MOST_BYTES;
    while (this.#waiting.length > 1 && isTooMuch()) {
      this.#waiting.splice(this.#isUnderWay ? 1 : 0, 1);
      this.#counts.dropped += 1;
    }
    this.#running ??= this.#run();
  }

  /** Sends what waits, if that can be done in time, and drops the rest. */
  async finish(limitMs: number): Promise<void> {
    this.#nap.abort();
    const timer = setTimeout(() => {
      this.#isOver = true;
      this.#attempt?.abort();
    }, limitMs);
    await this.#running;
    clearTimeout(timer);
    this.#counts.dropped += this.#waiting.splice(0).length;
  }

  async #run(): Promise<void> {
    for (let [window] = this.#waiting; window !== undefined; [window] = this.#waiting) {
      this.#isUnderWay = true;
      const verdict = await this.#sendOrLater(window);
      this.#isUnderWay = false;
      if (verdict.kind !== 'later') this.#waiting.shift();
      this.#note(verdict, window);
      if (this.#isOver) break;
      if (verdict.kind === 'later') await this.#rest(verdict.afterMs);
    }
    this.#running = undefined;
  }

  #note(verdict: Verdict, { length }: Uint8Array): void {
    this.#failure = verdict.kind === 'taken' ? undefined : verdict.state;
    if (verdict.kind === 'later') return;
    this.#failures = 0;
    this.#counts.sent += verdict.kind === 'taken' ? 1 : 0;
    this.#counts.sentBytes += verdict.kind === 'taken' ? length : 0;
    this.#counts.refused += verdict.kind === 'refused' ? 1 : 0;
  }

  async #sendOrLater(window: Uint8Array): Promise<Verdict> {
    try {
      return await this.#send(window);
    } catch (error) {
      if (!(error instanceof CannotPushError)) throw error;
      return { kind: 'later', state: error.state, afterMs: undefined };
    }
  }

  async #send(body: Uint8Array): Promise<Verdict> {
    const { destination, headers, post } = this.#parts;
    const { url, contentType } = destination;
    const attempt = new AbortController();
    const timer = setTimeout(() => attempt.abort(), ANSWER_LIMIT_MS);
    this.#attempt = attempt;
    const request = {
      url,
      headers: { ...headers, 'Content-Type': contentType },
      body,
      signal: attempt.signal,
    };
    try {
      return verdictOf(await post(request));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits the longer the more often it went wrong in a row, and as long as the server has asked for. */
  async #rest(askedMs: number | undefined): Promise<void> {
    const { wait, random } = this.#parts;
    const grownMs = Math.min(FIRST_NAP_MS * 2 ** this.#failures, LONGEST_NAP_MS);
    this.#failures += 1;
    const napMs = Math.max(grownMs * (0.5 + random() / 2), Math.min(askedMs ?? 0, LONGEST_ASKED_NAP_MS));
    if (this.#nap.signal.aborted) await wait(LAST_NAP_MS, new AbortController().signal);
    else await wait(napMs, this.#nap.signal);
  }

  #error(obstacle: PushObstacle, state: string): CannotPushError {
    return new CannotPushError(this.#parts.destination.url, obstacle, state);
  }
}
