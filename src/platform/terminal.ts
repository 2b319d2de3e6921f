import type { Readable, Writable } from 'node:stream';
import { silently } from './errno.ts';

/** The terminal of this process, which gives whole lines until its keys are taken. */
export interface Terminal {
  readonly input: Readable;
  /** Knows its width as `columns`, and emits `resize` when that changes. */
  readonly output: Writable;
  /**
   * From now on every key is read as it is typed, Ctrl-C and its like too, and none is shown.
   * @param onReturn called after the process was stopped and goes on, when the terminal may show anything
   */
  takeKeys(onReturn: () => void): void;
  /** Lets the terminal be as it was, for the commands and programs that run now. */
  giveBack(): void;
  /** Stops this process and those that it was started with, as Ctrl-Z does; comes back when it goes on. */
  suspend(): void;
}

/** Asks terminals to mark what is pasted (xterm, Bracketed Paste Mode). */
const MARK_PASTES = '\u001b[?2004h';
const MARK_NO_PASTES = '\u001b[?2004l';

/** Opens the terminal that standard input and output are, and that knows the codes of xterm. */
export function openTerminal(): Terminal {
  const { stdin, stdout } = process;
  let continued: (() => void) | undefined;
  const setKeys = (areTaken: boolean): void => {
    // A terminal that was closed has no mode; SIGHUP says so.
    silently(() => stdin.setRawMode(areTaken));
    stdout.write(areTaken ? MARK_PASTES : MARK_NO_PASTES);
  };
  return {
    input: stdin,
    output: stdout,
    takeKeys: (onReturn) => {
      setKeys(true);
      stdin.resume();
      continued = () => {
        // A shell has set its own mode meanwhile; libuv would believe that ours still holds.
        silently(() => stdin.setRawMode(false));
        setKeys(true);
        onReturn();
      };
      process.on('SIGCONT', continued);
    },
    giveBack: () => {
      if (continued !== undefined) process.removeListener('SIGCONT', continued);
      continued = undefined;
      stdin.pause();
      setKeys(false);
    },
    suspend: () => {
      setKeys(false);
      stopGroup();
      continued?.();
    },
  };
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
