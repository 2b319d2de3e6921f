import type { Readable, Writable } from 'node:stream';
import { silently } from './errno.ts';

/** The terminal of this process, which gives whole lines until its keys are taken. */
export interface Terminal {
  readonly input: Readable;
  /** Knows its width as `columns`, and emits `resize` when that changes. */
  readonly output: Writable;
  /** How many characters a line has, and how many lines there are, as far as the terminal says so. */
  size(): TerminalSize;
  /**
   * From now on every key is read as it is typed, Ctrl-C and its like too, and none is shown.
   * @param onReturn called after the process was stopped and goes on, when the terminal may show anything
   */
  takeKeys(onReturn: () => void): void;
  /** The same with an empty screen, in the place of what is shown until the terminal is given back. */
  takeScreen(onReturn: () => void): void;
  /** Lets the terminal be as it was, for the commands and programs that run now. */
  giveBack(): void;
  /** Stops this process and those that it was started with, as Ctrl-Z does; comes back when it goes on. */
  suspend(): void;
}

/** How large a terminal is. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a terminal is asked for while it is ours, and at the end. */
interface TerminalMode {
  readonly begin: string;
  readonly end: string;
}

/** Asks terminals to mark what is pasted (xterm, Bracketed Paste Mode). */
const LINES: TerminalMode = { begin: '\u001b[?2004h', end: '\u001b[?2004l' };

/** The alternate screen, which has no lines that are scrolled away, and no cursor (xterm, DECSET 1049 and DECTCEM). */
const SCREEN: TerminalMode = { begin: '\u001b[?1049h\u001b[?25l', end: '\u001b[?25h\u001b[?1049l' };

/** Of a terminal that does not know its size. */
const USUAL_SIZE: TerminalSize = { columns: 80, rows: 24 };

/** Opens the terminal that standard input and output are, and that knows the codes of xterm. */
export function openTerminal(): Terminal {
  return new OwnTerminal();
}

class OwnTerminal implements Terminal {
  readonly input = process.stdin;
  readonly output = process.stdout;
  /** What it is asked for while it is ours. */
  #mode: TerminalMode | undefined;
  #onReturn = (): void => undefined;

  size(): TerminalSize {
    const { columns, rows } = this.output;
    return { columns: columns || USUAL_SIZE.columns, rows: rows || USUAL_SIZE.rows };
  }

  takeKeys(onReturn: () => void): void {
    this.#take(LINES, onReturn);
  }

  takeScreen(onReturn: () => void): void {
    this.#take(SCREEN, onReturn);
  }

  giveBack(): void {
    process.removeListener('SIGCONT', this.#onContinued);
    process.removeListener('exit', this.#onExit);
    this.input.pause();
    this.#end();
    this.#mode = undefined;
  }

  suspend(): void {
    this.#end();
    stopGroup();
    this.#onContinued();
  }

  #take(mode: TerminalMode, onReturn: () => void): void {
    this.#mode = mode;
    this.#onReturn = onReturn;
    this.#begin();
    this.input.resume();
    process.on('SIGCONT', this.#onContinued);
    process.on('exit', this.#onExit);
  }

  #begin(): void {
    // A terminal that was closed has no mode; SIGHUP says so.
    silently(() => this.input.setRawMode(true));
    if (this.#mode !== undefined) this.output.write(this.#mode.begin);
  }

  #end(): void {
    silently(() => this.input.setRawMode(false));
    if (this.#mode !== undefined) this.output.write(this.#mode.end);
  }

  readonly #onContinued = (): void => {
    // A shell has set its own mode meanwhile; libuv would believe that ours still holds.
    silently(() => this.input.setRawMode(false));
    this.#begin();
    this.#onReturn();
  };

  /** When nobody had the time to give it back. */
  readonly #onExit = (): void => this.#end();
}

/**
 * npx and its like are in our group, and are stopped with us. The kernel does what it does by itself, which leaves alone
 * whom no shell could continue, as in `docker exec`.
 */
function stopGroup(): void {
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  process.kill(0, 'SIGTSTP');
  for (const listener of listeners) process.on('SIGTSTP', listener);
}
