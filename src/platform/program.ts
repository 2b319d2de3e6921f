import { CannotStartProgramError } from '../base/errors.ts';
import { startReason } from './child-process.ts';

const STDERR = 2;

/** A program that we started for somebody: the terminal, its input and its output are that person's. */
export interface Program extends Disposable {
  readonly pid: number;
  /** Settles with its exit status when it has ended, 128 and its number for a signal. */
  readonly ended: Promise<number>;
  /** Asks it to end, by SIGTERM, if it has not. */
  end(): void;
}

/** How a program is started. */
export interface ProgramOptions {
  /** What it prints goes to our standard error, since our own output is for something else. */
  readonly printsToStderr?: boolean;
}

/**
 * Starts a program that has our standard input, output and error. It is asked to end, by SIGTERM, when it is disposed of.
 * @throws {CannotStartProgramError} with the system's reason
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  { printsToStderr = false }: ProgramOptions = {},
): Promise<Program> {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  const child = spawn(command, args, { stdio: ['inherit', printsToStderr ? STDERR : 'inherit', 'inherit'] });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (status, signal) =>
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new CannotStartProgramError(command, startReason(error), { cause: error })),
    );
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  const end = (): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  };
  return { pid, ended, end, [Symbol.dispose]: end };
}
