import type { CancelSignal } from '../base/cancellation.ts';
import type { ConsoleOutcome } from '../model/agent.ts';
import { parseOutcome } from '../wire/answers.ts';
import type { Fields } from '../wire/fields.ts';
import type { Request } from '../wire/protocol.ts';
import type { Waiting } from './agent-connection.ts';

/** Asks the agent, and writes the request down. */
export type Ask = (request: Request, waiting?: Waiting) => Promise<Fields>;

/** Gets what code prints. */
export type OutputListener = (text: string, stream: 'out' | 'err') => void;

/** Hands on what the agent says that code has printed. */
export function hearOutput(event: Fields, onOutput: OutputListener): void {
  onOutput(event.text('text'), event.word('stream', ['out', 'err']));
}

/** How a statement is run. */
export interface StatementOptions {
  /** Interrupts it, as Ctrl-C does at a Python prompt. */
  readonly signal?: CancelSignal;
  /** Gets what it prints, while it runs. */
  readonly onOutput: OutputListener;
}

/** A Python prompt inside the process. */
export class AgentConsole {
  /** What Python says of itself. */
  readonly banner: string;
  readonly #number: number;
  readonly #ask: Ask;

  constructor(ask: Ask, { number, banner }: { readonly number: number; readonly banner: string }) {
    this.banner = banner;
    this.#number = number;
    this.#ask = ask;
  }

  /** Runs a statement; all its lines are given again when it was incomplete. */
  async run(source: string, { signal, onOutput }: StatementOptions): Promise<ConsoleOutcome> {
    const onEvent = (event: Fields): void => hearOutput(event, onOutput);
    return parseOutcome(
      await this.#ask({ op: 'console-run', console: this.#number, source }, { signal, onEvent }),
    );
  }

  /** Completes the last part of a dotted name, without running code of the program. */
  async complete(text: string): Promise<readonly string[]> {
    return (await this.#ask({ op: 'console-names', console: this.#number, text })).texts('names');
  }

  /** Forgets its names. */
  async close(): Promise<void> {
    await this.#ask({ op: 'console-close', console: this.#number });
  }
}
