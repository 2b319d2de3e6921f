import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A run of the program as it is built. */
export interface ProgramRun {
  readonly child: ChildProcess;
  /** Settles at its first output, or at its end without any. */
  readonly firstOutput: Promise<unknown>;
  readonly ended: Promise<RunResult>;
}

/** How a run ended and what it said. */
export interface RunResult {
  /** The exit status, or the name of the signal that ended it. */
  readonly status: number | string;
  readonly out: string;
  readonly notes: string;
}

/** What a run is given beside its words. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the program's own, which run it: `setpriv --reuid=1000`. */
  readonly through?: readonly string[];
}

/** Starts `pyflight` as built, without a terminal and without anybody's settings. */
export function runProgram(
  words: readonly string[],
  { env = {}, through = [] }: RunOptions = {},
): ProgramRun {
  const [command = process.execPath, ...args] = [...through, process.execPath, 'bin/pyflight.cjs', ...words];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  let out = '';
  let notes = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes += text;
  });
  const ended = once(child, 'close').then(([status, signal]) => ({ status: status ?? signal, out, notes }));
  return { child, ended, firstOutput: Promise.race([once(child.stdout, 'data'), ended]) };
}
