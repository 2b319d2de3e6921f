import type { CancelSignal } from '../base/cancellation.ts';
import {
  AgentAnswerError,
  AgentLostError,
  AgentSilentError,
  EvaluationCancelledError,
  type InspectorError,
  ProcessExitedError,
} from '../base/errors.ts';
import { hasEnded } from '../platform/process-end.ts';
import type { ByteChannel } from '../platform/unix-connection.ts';
import { failureOf, type Message, parseMessage } from '../wire/answers.ts';
import type { Fields } from '../wire/fields.ts';
import { encodeRequest, FrameReader } from '../wire/frames.ts';
import type { Request } from '../wire/protocol.ts';

/** How an answer is waited for. */
export interface Waiting {
  /** For so long; without limit when left out. */
  readonly timeoutMs?: number | undefined;
  /** Calls it off. */
  readonly signal?: CancelSignal | undefined;
  /** How long an answer may come nevertheless when it was called off. */
  readonly cancelMs?: number | undefined;
  /** Hears what is said before the answer. */
  readonly onEvent?: ((event: Fields) => void) | undefined;
  /** Makes the error when the agent says that it cannot do it. */
  readonly failure?: (failure: Fields) => unknown;
}

interface Pending {
  readonly waiting: Waiting;
  readonly resolve: (answer: Fields) => void;
  readonly reject: (error: unknown) => void;
}

/** Messages that nobody waits for: late answers to what was called off, and no more. */
const MOST_STRAY_MESSAGES = 1000;
/** What the target does not take in that time is not waited for. */
const CANCEL_MS = 2000;
/** A socket closes a moment before its process can be seen to have ended. */
const END_MS = 300;

/** Requests and their answers over one channel. After its end every request fails, and says why. */
export class AgentConnection implements Disposable {
  readonly #pid: number;
  readonly #channel: ByteChannel;
  readonly #frames = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #strayCount = 0;
  #goodbye: string | undefined;
  #end: { readonly error: unknown } | undefined;
  #isClosing = false;
  readonly #ended: Promise<void>;

  constructor(pid: number, channel: ByteChannel) {
    this.#pid = pid;
    this.#channel = channel;
    this.#ended = new Promise((resolve) => {
      channel.listen({
        onBytes: (bytes) => this.#take(bytes),
        onEnd: () => {
          void this.#noteEnd().then(resolve);
        },
      });
    });
  }

  /** Whether nothing can come any more. */
  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Says that the other side is going to hang up, which needs no reason. */
  expectEnd(): void {
    this.#isClosing = true;
  }

  /** Settles when nothing can come any more. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Asks, and waits for the answer. */
  async request(request: Request, waiting: Waiting = {}): Promise<Fields> {
    if (this.#end !== undefined) throw this.#end.error;
    if (waiting.signal?.aborted === true) throw new EvaluationCancelledError();
    this.#lastId += 1;
    const id = this.#lastId;
    const bytes = encodeRequest(id, request);
    const answer = new Promise<Fields>((resolve, reject) => {
      this.#pending.set(id, { waiting, resolve, reject });
    });
    this.#channel.send(bytes);
    const timers = this.#watch(id, waiting);
    try {
      return await answer;
    } finally {
      timers.stop();
      this.#pending.delete(id);
    }
  }

  /** Says something to which no answer is waited for. */
  tell(request: Request): void {
    if (this.#end !== undefined) return;
    this.#lastId += 1;
    this.#channel.send(encodeRequest(this.#lastId, request));
  }

  /** Ends an answer that does not come, or is not wanted any more. */
  #watch(id: number, { timeoutMs, signal, cancelMs = CANCEL_MS }: Waiting): { readonly stop: () => void } {
    const timers: NodeJS.Timeout[] = [];
    if (timeoutMs !== undefined) {
      timers.push(setTimeout(() => this.#reject(id, this.#silence(timeoutMs)), timeoutMs));
    }
    const onAbort = (): void => {
      this.tell({ op: 'cancel', request: id });
      const error = new EvaluationCancelledError(
        'it was called off, but is in a call that does not end, and goes on until it does',
        true,
      );
      timers.push(setTimeout(() => this.#reject(id, error), cancelMs));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    return {
      stop: () => {
        for (const timer of timers) clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      },
    };
  }

  #silence(timeoutMs: number): AgentSilentError {
    const state = `no answer came within ${timeoutMs / 1000} s, as when a thread keeps the GIL`;
    return new AgentSilentError(this.#pid, state);
  }

  #reject(id: number, error: unknown): void {
    this.#pending.get(id)?.reject(error);
    this.#pending.delete(id);
  }

  #take(bytes: Uint8Array): void {
    if (this.#end !== undefined) return;
    try {
      for (const value of this.#frames.push(bytes)) this.#handle(parseMessage(value));
    } catch (error) {
      this.#fail(error);
    }
  }

  #handle(message: Message): void {
    if (message.kind === 'event' && message.id === 0) {
      this.#goodbye = message.event.text('goodbye');
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) {
      this.#strayCount += 1;
      if (this.#strayCount > MOST_STRAY_MESSAGES)
        throw new AgentAnswerError('it says what nobody has asked for');
      return;
    }
    switch (message.kind) {
      case 'event':
        pending.waiting.onEvent?.(message.event);
        return;
      case 'answer':
        pending.resolve(message.answer);
        return;
      case 'failure':
        pending.reject((pending.waiting.failure ?? failureOf)(message.failure));
        return;
      default:
        message satisfies never;
    }
  }

  #fail(error: unknown): void {
    this.#end ??= { error };
    for (const { reject } of this.#pending.values()) reject(this.#end.error);
    this.#pending.clear();
    this.#channel[Symbol.dispose]();
  }

  async #noteEnd(): Promise<void> {
    this.#fail(await this.#reasonOfEnd());
  }

  async #reasonOfEnd(): Promise<InspectorError> {
    if (this.#isClosing) return new AgentLostError(this.#pid, 'we have hung up');
    const reason = GOODBYES.get(this.#goodbye);
    if (reason !== undefined) return new AgentLostError(this.#pid, reason);
    if (this.#goodbye === 'exit' || (await hasEnded(this.#pid, END_MS)))
      return new ProcessExitedError(this.#pid);
    return new AgentLostError(this.#pid, 'it has hung up');
  }

  /** Hangs up. */
  [Symbol.dispose](): void {
    this.#isClosing = true;
    this.#channel[Symbol.dispose]();
  }
}

/** Why it left, for a client that has not asked for it. */
const GOODBYES: ReadonlyMap<string | undefined, string> = new Map([
  ['detached', 'somebody else has detached it'],
  ['replaced', 'another pyflight has replaced it'],
  ['lease', 'it had not heard of us for the time of its lease, and left'],
]);
