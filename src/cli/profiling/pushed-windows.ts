import type { Profile, ProfileView, Push, PushCounts } from '../../api/index.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { formatBytes, formatCount } from '../../base/quantities.ts';
import type { Context } from '../context.ts';
import { PRODUCER } from '../version.ts';
import type { WindowFollower } from './followed-windows.ts';
import type { PushWish } from './push-options.ts';

/** How long what waits may take at the end, and when a signal leaves no more time: less than a command is given then. */
const LAST_SENDING_MS = 5000;
const LAST_SENDING_AT_SIGNAL_MS = 1500;

/** What became of all windows, and where they went. */
export interface PushEnd {
  readonly url: string;
  readonly service: string;
  readonly counts: PushCounts;
}

/** Windows that are sent to a server, and what is said of that. */
export class PushedWindows implements WindowFollower {
  readonly everyMs: number;
  readonly #push: Push;
  readonly #context: Context;
  #isFailing = false;
  /** How many were refused when that was last looked at. */
  #refused = 0;

  /** Finds the server, and says what goes where. */
  static async open(
    wish: PushWish,
    process: { readonly pid: number; readonly commandLine: readonly string[]; readonly view: ProfileView },
    context: Context,
  ): Promise<PushedWindows> {
    const push = await context.api.openPush({ ...wish, ...process, producer: PRODUCER });
    const url = escapeForTerminal(push.url);
    context.note(`pushing to ${url} as ${escapeForTerminal(push.service)}, every ${wish.everyMs / 1000} s`);
    if (push.isOpen) context.note('warning: without https others may read the password on its way');
    return new PushedWindows(push, wish.everyMs, context);
  }

  private constructor(push: Push, everyMs: number, context: Context) {
    this.#push = push;
    this.everyMs = everyMs;
    this.#context = context;
  }

  readonly take = (window: Profile): void => {
    this.#push.send(window);
    this.#tellChange();
  };

  readonly state = (): readonly string[] => {
    const { sent, waiting, dropped, refused, failure } = this.#push.counts;
    const lost = dropped + refused;
    return [
      `${formatCount(sent)} pushed`,
      ...(failure === undefined ? [] : [`${formatCount(waiting)} waiting: ${failure}`]),
      ...(lost === 0 ? [] : [`${formatCount(lost)} not pushed`]),
    ];
  };

  /** Sends what is left, and says what became of all. */
  async finish(): Promise<PushEnd> {
    const hurry = this.#context.onInterrupt(() => {
      void this.#push.finish(LAST_SENDING_AT_SIGNAL_MS);
    });
    try {
      const counts = await this.#push.finish(LAST_SENDING_MS);
      this.#tellEnd(counts);
      return { url: this.#push.url, service: this.#push.service, counts };
    } finally {
      hurry();
    }
  }

  /** A log of days has a line when it begins to fail, and one when it goes on. */
  #tellChange(): void {
    const { failure, refused } = this.#push.counts;
    const isRefusal = refused > this.#refused;
    this.#refused = refused;
    if ((failure !== undefined) === this.#isFailing) return;
    this.#isFailing = !this.#isFailing;
    const fate = isRefusal ? 'refused' : 'not pushed, will be tried again';
    this.#context.note(failure === undefined ? 'pushing goes on' : `warning: ${fate}: ${failure}`);
  }

  #tellEnd({ sent, sentBytes, dropped, refused, failure }: PushCounts): void {
    const lost = [
      ...(dropped === 0 ? [] : [`${formatCount(dropped)} could not be sent in time`]),
      ...(refused === 0 ? [] : [`${formatCount(refused)} were refused`]),
    ];
    const why = lost.length > 0 && failure !== undefined ? ` (${failure})` : '';
    this.#context.note(
      `${formatCount(sent)} ${sent === 1 ? 'message' : 'messages'} pushed, ${formatBytes(sentBytes)}${lost.map((each) => `, ${each}`).join('')}${why}`,
    );
  }
}
