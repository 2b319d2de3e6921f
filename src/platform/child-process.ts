import { CannotStartProgramError } from '../base/errors.ts';
import { errnoNameOf } from './errno.ts';

/** A process that we started. It is told of our end, however that comes, by the end of its standard input. */
export interface Child extends Disposable {
  readonly pid: number;
  /** The first line that it prints; `undefined` when it ended without one. */
  readonly firstLine: Promise<string | undefined>;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
}

/**
 * Starts a program with pipes for its standard input and output; what it complains of goes where ours does.
 * Node.js may only be kept from collecting its stops as if they were its end by stopping and resuming it in one
 * synchronous turn, as {@link pauseProcess} does.
 */
export async function startChild(command: string, args: readonly string[]): Promise<Child> {
  // Loaded here since it takes 9 ms, which commands that start nothing would pay too.
  const { spawn } = await import('node:child_process');
  const { createInterface } = await import('node:readline');
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new CannotStartProgramError(command, startReason(error), { cause: error })),
    );
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  const lines = createInterface({ input: child.stdout });
  const firstLine = new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
  return {
    pid,
    firstLine,
    ended,
    [Symbol.dispose]() {
      child.stdin.destroy();
      child.kill('SIGKILL');
    },
  };
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be run',
  ENOENT: 'no such file',
  ENOEXEC: 'it is no program',
};

/** Why a program did not start, for someone who named it. */
export function startReason(error: Error): string {
  const name = errnoNameOf(error);
  return name === undefined ? error.message : (REASONS[name] ?? name);
}
