import type { Key } from 'node:readline';

/** What a pasted key adds to the line: text, when enough of it has come, and whether the line ends there. */
export interface Pasted {
  readonly text: string;
  readonly isLine: boolean;
}

const NOTHING: Pasted = { text: '', isLine: false };

/**
 * Collects what is pasted, between the marks that a terminal puts around it. Each whole line of it is a command, the
 * rest stays to be edited; a tab is a blank, and all other control characters are nothing.
 */
export class PasteBuffer {
  #text: string | undefined;

  /** Takes a key; `undefined` when it was typed. */
  take(text: string | undefined, { name }: Key): Pasted | undefined {
    if (this.#text === undefined) {
      if (name !== 'paste-start') return undefined;
      this.#text = '';
      return NOTHING;
    }
    if (name === 'paste-end') {
      const rest = this.#text;
      this.#text = undefined;
      return { text: rest, isLine: false };
    }
    if (name === 'return' || name === 'enter') return this.#line();
    if (text === '\t') this.#text += ' ';
    else if (text !== undefined && !/\p{Cc}/u.test(text)) this.#text += text;
    return NOTHING;
  }

  #line(): Pasted {
    const text = this.#text ?? '';
    this.#text = '';
    return { text, isLine: true };
  }
}
