import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { onTestFailed } from 'vitest';
import { shownScreen } from './shown-screen.ts';

const BRIDGE = join(import.meta.dirname, 'terminal.py');

/** How a terminal of a test is. */
export interface TerminalOptions {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program on a terminal of its own, and a person who types there. */
export class TerminalRun implements AsyncDisposable {
  readonly #child;
  readonly #ended: Promise<number | null>;
  #shown = '';
  /** What was waited for already. */
  #seen = 0;

  constructor(command: readonly string[], { columns = 80, env = {} }: TerminalOptions = {}) {
    this.#child = spawn('python3', [BRIDGE, `${columns}`, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    });
    this.#child.stdin.on('error', () => undefined);
    onTestFailed(() => {
      process.stderr.write(`The terminal showed:\n${this.text}\n`);
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#child.emit('shown');
    });
    this.#ended = once(this.#child, 'close').then(([status]) => {
      this.#child.emit('shown');
      return status;
    });
  }

  /** Everything that was shown, without the codes that move the cursor and make colours. */
  get text(): string {
    return stripVTControlCharacters(this.#shown);
  }

  /** Everything that was shown, with its codes. */
  get raw(): string {
    return this.#shown;
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Waits until something is shown after what was waited for before; answers all up to its end. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const shown = this.text.slice(this.#seen);
      const found = pattern.exec(shown);
      if (found !== null) {
        const end = found.index + found[0].length;
        this.#seen += end;
        return shown.slice(0, end);
      }
      if (this.#child.exitCode !== null) throw new Error(`it ended, and ${pattern} was not shown:\n${shown}`);
      await once(this.#child, 'shown');
    }
  }

  /** Waits until a pattern is on the alternate screen; answers all that is there then. */
  async untilScreen(pattern: RegExp): Promise<string> {
    for (;;) {
      const screen = shownScreen(this.#shown);
      if (screen !== undefined && pattern.test(screen)) return screen;
      if (this.#child.exitCode !== null) throw new Error(`it ended, and ${pattern} was not on its screen`);
      await once(this.#child, 'shown');
    }
  }

  /** Waits for its end; answers the exit status. */
  async status(): Promise<number | null> {
    return await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
