import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { posix } from 'node:path';
import { silently } from './errno.ts';
import { isOurs, openOwnDirectory, PRIVATE_FILE_MODE } from './own-directory.ts';

const FILE_NAME = 'history';

/** What is kept of it; a file that has grown to twice as much is cut back when it is read. */
const MOST_LINES = 1000;

/** A file beyond this was not written by us. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The lines that a user typed, oldest first, in `$XDG_STATE_HOME/pyflight/history` or `~/.local/state/pyflight/history`.
 * Every line is appended at once, so that several prompts share the file and none loses what a killed one knew. A file
 * that cannot be read or written is as one that is not there.
 */
export interface HistoryFile {
  /** Reads all that is kept. */
  read(): readonly string[];
  /** Adds one line. */
  append(line: string): void;
  /** Forgets all of them. */
  clear(): void;
}

/** Where the user who runs us keeps what shall be there the next time. */
export interface StateEnvironment {
  readonly xdgStateHome: string | undefined;
  readonly home: string | undefined;
}

/** Makes the history of the user in whose environment we run. */
export function openHistoryFile(environment: StateEnvironment): HistoryFile {
  const inDirectory = <T>(act: (path: string) => T): T | undefined =>
    silently(() => {
      const { xdgStateHome, home } = environment;
      const fd = openOwnDirectory({ xdgHome: xdgStateHome, home, below: ['.local', 'state'] });
      if (fd === undefined) return undefined;
      try {
        return act(posix.join(`/proc/self/fd/${fd}`, FILE_NAME));
      } finally {
        closeSync(fd);
      }
    });
  return {
    read: () => inDirectory(readLines) ?? [],
    append: (line) => {
      inDirectory((path) => appendLine(path, line));
    },
    clear: () => {
      inDirectory((path) => unlinkSync(path));
    },
  };
}

function readLines(path: string): readonly string[] {
  const lines = withFile(path, constants.O_RDONLY, (fd) =>
    fstatSync(fd).size > MOST_BYTES ? [] : readFileSync(fd, 'utf8').split('\n').filter(isKept),
  );
  if (lines === undefined) return [];
  const kept = lines.slice(-MOST_LINES);
  if (lines.length > 2 * MOST_LINES) replace(path, kept);
  return kept;
}

function appendLine(path: string, line: string): void {
  // One write, which O_APPEND makes whole beside those of other prompts.
  withFile(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, (fd) => {
    if (isKept(line)) writeSync(fd, `${line}\n`);
  });
}

/** A line of control characters was not typed by a person, and would be drawn as it is. */
function isKept(line: string): boolean {
  return line !== '' && !/\p{Cc}/u.test(line);
}

function replace(path: string, lines: readonly string[]): void {
  const temporary = `${path}.${Math.floor(Math.random() * 2 ** 48)}`;
  writeFileSync(temporary, `${lines.join('\n')}\n`, { flag: 'wx', mode: PRIVATE_FILE_MODE });
  renameSync(temporary, path);
}

/** Opens the file if it is a plain one that only we may write. */
function withFile<T>(path: string, flags: number, act: (fd: number) => T): T | undefined {
  const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, PRIVATE_FILE_MODE);
  try {
    return isOurs(fd) && fstatSync(fd).isFile() ? act(fd) : undefined;
  } finally {
    closeSync(fd);
  }
}
