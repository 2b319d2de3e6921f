import { part } from './elements.ts';

/** The line at the bottom: what the mouse or a key is at, and else how the profile came about. */
export class StatusLine {
  readonly #line = part('status', HTMLElement);
  #sentence = '';

  /** What stands there when nothing else is told. */
  set sentence(sentence: string) {
    this.#sentence = sentence;
    this.tell(undefined);
  }

  readonly tell = (text: string | undefined): void => {
    this.#line.textContent = text ?? this.#sentence;
  };
}
