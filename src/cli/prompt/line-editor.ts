import { createInterface, emitKeypressEvents, type Interface, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Terminal } from '../../api/prompt-host.ts';
import { HistorySearch } from './history-search.ts';
import { PasteBuffer } from './paste-buffer.ts';

/** What can follow the words before the cursor: whole words, and the part of the line that each would replace. */
export type Completer = (line: string) => Promise<readonly [words: readonly string[], replaced: string]>;

/** How a line is asked for. */
export interface LineWish {
  readonly prompt: string;
  /** What the arrow keys and Ctrl-R go through, oldest first. */
  readonly history: readonly string[];
  readonly complete?: Completer;
}

/** What a person did: typed a line, gave the line up with Ctrl-C, or ended the input. */
export type LineAnswer =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'interrupt'; readonly wasEmpty: boolean }
  | { readonly kind: 'end' };

/** Reads lines, one at a time. */
export interface LineReader extends Disposable {
  read(wish: LineWish): Promise<LineAnswer>;
  /** Lets a command have the keys between two lines, until it disposes of the terminal; absent where lines come from none. */
  lendTerminal?(): LentTerminal;
}

/** A terminal for a time. */
export interface LentTerminal extends Disposable {
  readonly terminal: Terminal;
}

/** A key, and the text that it stands for; none when it is one of a control. */
interface Press {
  readonly text: string | undefined;
  readonly key: Key;
}

/** The line that is being edited. */
interface Editing {
  readonly lines: Interface;
  readonly search: HistorySearch;
  readonly wish: LineWish;
  readonly settle: (answer: LineAnswer) => void;
}

/**
 * Edits lines on a terminal. The editing itself, with Emacs keys, wide characters and lists of completions, is done by
 * `node:readline`; this hands it the keys, and does by itself what it does not know: pastes, Ctrl-C, Ctrl-Z and Ctrl-R.
 * Between two lines the terminal belongs to whatever runs.
 */
export class LineEditor implements LineReader {
  readonly #terminal: Terminal;
  readonly #paste = new PasteBuffer();
  /** Keys that came with others, before somebody asked for the line that they belong to. */
  readonly #waiting: Press[] = [];
  #editing: Editing | undefined;
  #isCompleting = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    emitKeypressEvents(terminal.input);
    terminal.input.on('keypress', this.#onKey);
    terminal.input.on('end', this.#onEnd);
  }

  /** Shows the prompt and reads one line. */
  async read(wish: LineWish): Promise<LineAnswer> {
    this.#terminal.takeKeys(() => this.#editing?.lines.prompt(true));
    try {
      return await new Promise<LineAnswer>((settle) => {
        const lines = this.#openLines(wish);
        const search = new HistorySearch(lines, wish);
        this.#editing = { lines, search, wish, settle };
        lines.on('line', (text) => this.#finish({ kind: 'line', text }));
        lines.prompt();
        this.#drain();
      });
    } finally {
      this.#terminal.giveBack();
    }
  }

  lendTerminal(): LentTerminal {
    const terminal = this.#terminal;
    terminal.input.off('keypress', this.#onKey);
    return { terminal, [Symbol.dispose]: () => terminal.input.on('keypress', this.#onKey) };
  }

  /** Gives up the line that is being read, as at the end of the input. */
  [Symbol.dispose](): void {
    this.#finish({ kind: 'end' });
    this.#terminal.input.off('keypress', this.#onKey);
    this.#terminal.input.off('end', this.#onEnd);
  }

  #openLines({ prompt, history, complete }: LineWish): Interface {
    return createInterface({
      // It gets its keys one by one.
      input: new PassThrough(),
      output: this.#terminal.output,
      terminal: true,
      prompt,
      history: history.toReversed(),
      historySize: history.length + 1,
      ...(complete === undefined ? {} : { completer: this.#completer(complete) }),
    });
  }

  #completer(complete: Completer) {
    return (line: string, answer: (error: null, result: [string[], string]) => void): void => {
      this.#isCompleting = true;
      const finish = (words: readonly string[], replaced: string): void => {
        this.#isCompleting = false;
        answer(null, [[...words], replaced]);
        this.#drain();
      };
      // What cannot be read now is not offered.
      complete(line).then(
        ([words, replaced]) => finish(words, replaced),
        () => finish([], line),
      );
    };
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    this.#waiting.push({ text, key });
    this.#drain();
  };

  readonly #onEnd = (): void => this.#finish({ kind: 'end' });

  #drain(): void {
    while (this.#editing !== undefined && !this.#isCompleting) {
      const press = this.#waiting.shift();
      if (press === undefined) return;
      this.#press(press, this.#editing);
    }
  }

  #press(press: Press, editing: Editing): void {
    const pasted = this.#paste.take(press.text, press.key);
    if (pasted !== undefined) {
      if (pasted.text !== '') editing.lines.write(pasted.text);
      if (pasted.isLine) editing.lines.write(null, { name: 'return' });
      return;
    }
    if (editing.search.take(press.text, press.key)) return;
    if (this.#takeOurs(press.key, editing)) return;
    if (isControl(press)) editing.lines.write(null, press.key);
    else editing.lines.write(press.text ?? '');
  }

  /** Does what a key means that we do not leave to `node:readline`. */
  #takeOurs({ ctrl, name }: Key, { lines }: Editing): boolean {
    if (ctrl !== true) return false;
    switch (name) {
      case 'c':
        this.#terminal.output.write('^C');
        this.#finish({ kind: 'interrupt', wasEmpty: lines.line === '' });
        return true;
      case 'd':
        if (lines.line !== '') return false;
        this.#finish({ kind: 'end' });
        return true;
      case 'z':
        this.#terminal.suspend();
        return true;
      default:
        return false;
    }
  }

  #finish(answer: LineAnswer): void {
    const editing = this.#editing;
    if (editing === undefined) return;
    this.#editing = undefined;
    editing.lines.close();
    if (answer.kind !== 'line') this.#terminal.output.write('\n');
    editing.settle(answer);
  }
}

/** Whether a key does something, rather than standing for a character. */
function isControl({ text, key: { ctrl, meta } }: Press): boolean {
  return text === undefined || ctrl === true || meta === true || /^\p{Cc}$/u.test(text);
}
