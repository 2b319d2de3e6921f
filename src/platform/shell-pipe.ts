import { CannotStartProgramError } from '../base/errors.ts';
import { errnoNameOf } from './errno.ts';

/** A command line of the shell that reads what we write; it has the terminal for all else. */
export interface ShellPipe {
  /** Writes to its standard input; nothing once it has read enough. */
  write(content: string | Uint8Array): void;
  /** Ends its input and waits for its end; answers its exit status as a shell tells it. */
  end(): Promise<number>;
}

const SIGNAL_STATUS = 128;

/**
 * Starts `sh -c` with a pipe for its standard input.
 * @param onClosed called when it reads no more while we still write
 * @throws {CannotStartProgramError} where there is no shell
 */
export async function startShell(script: string, onClosed: () => void): Promise<ShellPipe> {
  // Loaded here since it takes 9 ms, which commands that start nothing would pay too.
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (status, signal) => {
      resolve(status ?? SIGNAL_STATUS + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      const reason = errnoNameOf(error) === 'ENOENT' ? 'there is no shell' : error.message;
      reject(new CannotStartProgramError('sh', reason, { cause: error }));
    });
  });
  let isOpen = true;
  const close = (): void => {
    if (isOpen) onClosed();
    isOpen = false;
  };
  child.stdin.on('error', close);
  void ended.then(close);
  return {
    write: (content) => {
      if (isOpen) child.stdin.write(content);
    },
    end: () => {
      isOpen = false;
      child.stdin.end();
      return ended;
    },
  };
}
