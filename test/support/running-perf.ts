import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PYFLIGHT_PROGRAM } from './command-line.ts';

/** A `perf` that goes on until it is told to end. */
export class RunningPerf {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #notes = '';
  readonly #waiting: (() => void)[] = [];

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [PYFLIGHT_PROGRAM, 'perf', ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#notes += text;
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Waits until it has said something; answers what of that was found. */
  async until(pattern: RegExp): Promise<readonly string[]> {
    for (;;) {
      const found = pattern.exec(this.#notes);
      if (found !== null) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends it a signal, and waits for its end; answers its exit status, or the signal that it died of, and all that it said. */
  async end(signal: NodeJS.Signals): Promise<{ readonly status: unknown; readonly notes: string }> {
    this.#child.kill(signal);
    const [status, killedBy] = await this.#closed;
    return { status: status ?? killedBy, notes: this.#notes };
  }
}
