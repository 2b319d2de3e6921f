import { createInterface, type Interface } from 'node:readline';
import type { Context } from '../context.ts';
import type { LineAnswer, LineReader, LineWish } from './line-editor.ts';

/**
 * Reads lines from standard input as they are: of a file or a pipe, and of a terminal that has no codes to edit with,
 * where the kernel knows the Backspace key.
 */
export class PlainLines implements LineReader {
  readonly #context: Context;
  readonly #lines: Interface;
  readonly #iterator: AsyncIterator<string>;
  /** A line that is on its way, also after Ctrl-C. */
  #next: Promise<string | undefined> | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#lines = createInterface({ input: context.input.stream, terminal: false });
    this.#iterator = this.#lines[Symbol.asyncIterator]();
  }

  /** Waits for the next line; the prompt is shown only to a person. */
  async read({ prompt }: LineWish): Promise<LineAnswer> {
    const { input, takeInterrupts, onInterrupt } = this.#context;
    if (input.isTerminal) input.show(prompt);
    this.#next ??= this.#readLine();
    const next = this.#next;
    let release = (): void => undefined;
    let forget = release;
    const interrupted = new Promise<LineAnswer>((resolve) => {
      if (input.isTerminal) {
        release = takeInterrupts(() => {
          input.show('\n');
          // The kernel has thrown away what was typed, and tells nobody.
          resolve({ kind: 'interrupt', wasEmpty: true });
          return true;
        });
      }
      forget = onInterrupt(() => resolve({ kind: 'end' }));
    });
    try {
      return await Promise.race([interrupted, next.then((text) => this.#answer(text))]);
    } finally {
      release();
      forget();
    }
  }

  async #readLine(): Promise<string | undefined> {
    const { value, done } = await this.#iterator.next();
    return done === true ? undefined : value;
  }

  #answer(text: string | undefined): LineAnswer {
    this.#next = undefined;
    if (text === undefined && this.#context.input.isTerminal) this.#context.input.show('\n');
    return text === undefined ? { kind: 'end' } : { kind: 'line', text };
  }

  /** Reads no more. */
  [Symbol.dispose](): void {
    this.#lines.close();
  }
}
