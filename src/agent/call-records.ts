import type { CancelSignal } from '../base/cancellation.ts';
import { EvaluationCancelledError, ReplayRefusedError } from '../base/errors.ts';
import type { CallDetails, RecordList } from '../model/recorded-calls.ts';
import type { ValueBudget } from '../model/value-extent.ts';
import type { Request, Wish } from '../wire/protocol.ts';
import { parseDetails, parseRecordList } from '../wire/record-answers.ts';
import { type Ask, hearOutput, type OutputListener } from './agent-console.ts';

/** How a recorded call is shown. */
export interface RecordWish {
  /** Has the values' own `__repr__` make texts of them. */
  readonly repr?: boolean;
  readonly budget?: ValueBudget | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Gets what the code prints, while it runs. */
  readonly onOutput?: OutputListener | undefined;
}

/** The calls that the agent in a process keeps. They go when it leaves. */
export class CallRecords {
  readonly #ask: Ask;
  readonly #timeoutMs: number;

  constructor(ask: Ask, timeoutMs: number) {
    this.#ask = ask;
    this.#timeoutMs = timeoutMs;
  }

  /** Lists them: of functions whose names match, with `*` for any characters, and for which a filter is true. */
  async list(
    wish: {
      readonly method?: string | undefined;
      readonly filter?: string | undefined;
      readonly signal?: CancelSignal | undefined;
    } = {},
  ): Promise<RecordList> {
    const { method, filter, signal } = wish;
    return parseRecordList(await this.#ask({ op: 'tt-list', method, filter }, { signal }));
  }

  /** Shows one with its values. */
  async show(index: number, wish: RecordWish = {}): Promise<CallDetails> {
    const { signal } = wish;
    return parseDetails(await this.#ask(requestOf('tt-show', index, wish), { signal, ...hearing(wish) }));
  }

  /**
   * Calls the function once more, with the original objects, and records that call: whatever the function changes, it
   * changes again.
   * @param seconds - after which it is called off
   */
  async replay(index: number, wish: RecordWish & { readonly seconds: number }): Promise<CallDetails> {
    const { signal, seconds } = wish;
    const limit = new AbortController();
    let isLate = false;
    const onAbort = (): void => limit.abort();
    const timer = setTimeout(() => {
      isLate = true;
      limit.abort();
    }, seconds * 1000);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const request = requestOf('tt-replay', index, wish);
      return parseDetails(await this.#ask(request, { signal: limit.signal, ...hearing(wish) }));
    } catch (error) {
      if (!isLate || !(error instanceof EvaluationCancelledError)) throw error;
      const goesOn = error.goesOn ? ', but is in a call that does not end, and goes on until it does' : '';
      throw new ReplayRefusedError(`it did not end within ${seconds} s, and was called off${goesOn}`);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Lets go of one. */
  async delete(index: number): Promise<void> {
    await this.#ask({ op: 'tt-delete', index }, { timeoutMs: this.#timeoutMs });
  }

  /** Lets go of all; answers how many there were. */
  async clear(): Promise<number> {
    return (await this.#ask({ op: 'tt-clear' }, { timeoutMs: this.#timeoutMs })).whole('count');
  }
}

function requestOf(op: string, index: number, { repr, budget }: RecordWish): Request {
  const limits: Wish = budget === undefined ? undefined : { ...budget };
  return { op, index, repr, budget: limits };
}

function hearing({ onOutput }: RecordWish) {
  return onOutput === undefined
    ? {}
    : { onEvent: (event: Parameters<typeof hearOutput>[0]) => hearOutput(event, onOutput) };
}
