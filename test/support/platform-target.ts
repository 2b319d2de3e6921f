import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';

/**
 * Runs "$@", of which the first line is its pid. It is a child of this shell and not of the test process, whose libuv would take
 * its ptrace-stops for its end. When the other end of descriptor 4 closes, the target is killed.
 */
const KEEPER = `
/bin/sh -c 'echo $$; exec "$@"' sh "$@" <&3 3<&- 4<&- &
target=$!
{ read -r end; kill -KILL $target; } <&4 3<&- >/dev/null 2>&1 &
watcher=$!
exec 3<&- 4<&- >/dev/null
wait $target 2>/dev/null
kill -KILL $watcher 2>/dev/null`;

/** A program that runs beside the test and talks in lines. */
export class PlatformTarget implements AsyncDisposable {
  readonly pid: number;
  readonly #lines: AsyncIterator<string>;
  readonly #keeper: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(pid: number, lines: AsyncIterator<string>, keeper: ChildProcess) {
    this.pid = pid;
    this.#lines = lines;
    this.#keeper = keeper;
    this.#exited = new Promise((resolve) => keeper.once('exit', resolve));
  }

  static async start(command: string, args: readonly string[]): Promise<PlatformTarget> {
    const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', command, ...args], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
    });
    const output = keeper.stdio[1];
    if (!(output instanceof Readable)) throw new TypeError('a pipe was asked for');
    // A target that is killed leaves unread what it was sent, which these are told.
    for (const pipe of keeper.stdio.slice(3)) pipe?.on('error', () => undefined);
    const lines = createInterface({ input: output })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    return new PlatformTarget(Number(value), lines, keeper);
  }

  /** A Python program, given as its lines; it has said `ready` when this returns. */
  static async startPython(...program: readonly string[]): Promise<PlatformTarget> {
    return await PlatformTarget.startUnder('python3', ...program);
  }

  /** The same under an interpreter of choice. */
  static async startUnder(python: string, ...program: readonly string[]): Promise<PlatformTarget> {
    const target = await PlatformTarget.start(python, ['-u', '-c', program.join('\n')]);
    const line = await target.nextLine();
    if (line !== 'ready') throw new Error(`target ${target.pid} said ${line}`);
    return target;
  }

  async nextLine(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`target ${this.pid} ended without a word`);
    return value;
  }

  send(line: string): void {
    const input = this.#keeper.stdio[3];
    if (input instanceof Writable) input.write(`${line}\n`);
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<void> {
    await this.#exited;
  }

  /** Kills it and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const lifeline = this.#keeper.stdio[4];
    if (lifeline instanceof Writable) lifeline.end();
    await this.#exited;
  }
}
