import { emitKeypressEvents, type Key } from 'node:readline';
import type { LiveMoment, SampledMode, Sampling, SamplingAccount } from '../../api/index.ts';
import type { Terminal } from '../../api/prompt-host.ts';
import type { Style } from '../../report/style.ts';
import { topHelpLines } from '../../report/top-help.ts';
import { topScreenLines, topWaitingLines } from '../../report/top-lines.ts';
import { shownThreads, type TopView, viewOf } from '../../report/top-view.ts';
import type { SamplingFeed, TopEvent } from './sampling-feed.ts';
import { Screen } from './screen.ts';
import { type KeyEffect, type Press, pressKey } from './top-keys.ts';

/** How a screen was left: by a key, from outside, or since there was nothing more to sample. */
export type ScreenEnd =
  | { readonly kind: 'left' | 'interrupted' }
  | {
      readonly kind: 'ended';
      readonly account: SamplingAccount;
      /** What was seen last, and how. */
      readonly moment: LiveMoment | undefined;
      readonly view: TopView;
    };

/** What the screen is made with. */
export interface ScreenParts {
  readonly terminal: Terminal;
  readonly feed: SamplingFeed;
  /** Begins to sample the process in another mode, after it was sampled in one before. */
  readonly sampleIn: (mode: SampledMode, before: Sampling) => Promise<Sampling>;
  readonly style: Style;
  readonly pid: number;
}

/** Lines that are not rows of the table, about. */
const OTHER_LINES = 6;

/** Shows a process that is being sampled on the whole screen, and does what keys say, until it is left. */
export class TopScreen {
  readonly #parts: ScreenParts;
  readonly #screen: Screen;
  #view: TopView;
  #moment: LiveMoment | undefined;

  constructor(parts: ScreenParts, view: TopView) {
    this.#parts = parts;
    this.#view = view;
    this.#screen = new Screen(parts.terminal.output);
  }

  async run(): Promise<ScreenEnd> {
    const { terminal, feed } = this.#parts;
    const { input, output } = terminal;
    const onKey = (text: string | undefined, key: Key): void =>
      feed.push({ kind: 'key', press: { text, key } });
    const onResized = (): void => feed.push({ kind: 'resized' });
    const onEnd = (): void => feed.push({ kind: 'interrupted' });
    emitKeypressEvents(input);
    input.on('keypress', onKey).on('end', onEnd);
    output.on('resize', onResized);
    terminal.takeScreen(onResized);
    try {
      return await this.#heedEvents();
    } finally {
      terminal.giveBack();
      input.off('keypress', onKey).off('end', onEnd);
      output.off('resize', onResized);
    }
  }

  async #heedEvents(): Promise<ScreenEnd> {
    for (;;) {
      this.#draw();
      const end = await this.#heed(await this.#parts.feed.next());
      if (end !== undefined) return end;
    }
  }

  async #heed(event: TopEvent): Promise<ScreenEnd | undefined> {
    switch (event.kind) {
      case 'moment':
        if (!this.#view.isPaused) this.#turnTo(event.moment);
        return undefined;
      case 'key':
        return await this.#press(event.press);
      case 'resized':
        this.#screen.forget();
        return undefined;
      case 'interrupted':
        return { kind: 'interrupted' };
      case 'ended':
        return { kind: 'ended', account: event.account, moment: this.#moment, view: this.#view };
      case 'failed':
        throw event.error;
    }
  }

  #turnTo(moment: LiveMoment): void {
    this.#view = viewOf(this.#view, { before: this.#moment, after: moment });
    this.#moment = moment;
  }

  async #press(press: Press): Promise<ScreenEnd | undefined> {
    const { terminal } = this.#parts;
    const place = { threads: shownThreads(this.#moment), pageRows: terminal.size().rows - OTHER_LINES };
    return await this.#do(pressKey(this.#view, press, place));
  }

  async #do(effect: KeyEffect): Promise<ScreenEnd | undefined> {
    const { terminal, feed } = this.#parts;
    switch (effect) {
      case 'leave':
        return { kind: 'left' };
      case 'interrupt':
        return { kind: 'interrupted' };
      case 'suspend':
        terminal.suspend();
        return undefined;
      case 'reset':
        await feed.reset();
        this.#moment = undefined;
        return undefined;
      default:
        await this.#show(effect);
        return undefined;
    }
  }

  async #show(view: TopView): Promise<void> {
    const { feed, sampleIn } = this.#parts;
    const { mode } = this.#view;
    this.#view = view;
    feed.delayMs = view.delayMs;
    if (view.mode === mode) return;
    this.#moment = undefined;
    this.#draw();
    await feed.change((before) => sampleIn(view.mode, before));
  }

  #draw(): void {
    const { terminal, style, pid } = this.#parts;
    const place = { style, ...terminal.size() };
    const view = this.#view;
    const moment = this.#moment;
    if (view.isHelpShown) this.#screen.draw([...topHelpLines(view, place)].slice(0, place.rows));
    else if (moment === undefined) this.#screen.draw(topWaitingLines(pid, view, place));
    else this.#screen.draw(topScreenLines({ moment, view }, place));
  }
}
