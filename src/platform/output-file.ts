import {
  accessSync,
  closeSync,
  constants,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { CannotWriteFileError } from '../base/errors.ts';
import { encodeOsString } from '../base/os-string.ts';
import { errnoNameOf } from './errno.ts';

/** What the commoner failures of open(2) and write(2) mean for someone who named a file. */
const STATES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** A file that will hold an output, once that is there. */
export interface OutputFile extends Disposable {
  /** Writes the whole of it. */
  write(parts: Iterable<string | Uint8Array>): void;
  /** Writes what comes next of it, where it comes bit by bit; `finish()` follows. */
  append(part: string | Uint8Array): void;
  /** It is whole. */
  finish(): void;
}

/**
 * Makes sure that a file can be written before the work is done that it is for. What was there stays until the new content
 * is whole: it is written beside it and then takes its name. A device or a pipe is written to as it is.
 * @throws {CannotWriteFileError} when the system does not let us
 */
export function openOutputFile(path: string): OutputFile {
  return asWriter(path, () => {
    const name = encodeOsString(path);
    const there = statSync(name, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) throw new CannotWriteFileError(path, 'it is a directory');
    if (there !== undefined) accessSync(name, constants.W_OK);
    if (there !== undefined && !there.isFile()) return directOutput(path, openSync(name, 'w'));
    const beside = encodeOsString(`${path}.${process.pid}.part`);
    return besideOutput(path, { fd: openSync(beside, 'wx'), beside });
  });
}

function directOutput(path: string, fd: number): OutputFile {
  return {
    ...appending(path, fd, () => {}),
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function besideOutput(
  path: string,
  { fd, beside }: { readonly fd: number; readonly beside: Buffer },
): OutputFile {
  let isThere = true;
  return {
    ...appending(path, fd, () => {
      renameSync(beside, encodeOsString(path));
      isThere = false;
    }),
    [Symbol.dispose]: () => {
      closeSync(fd);
      if (isThere) rmSync(beside, { force: true });
    },
  };
}

function appending(path: string, fd: number, complete: () => void): Omit<OutputFile, typeof Symbol.dispose> {
  const append = (part: string | Uint8Array): void => asWriter(path, () => writePart(fd, part));
  const finish = (): void => asWriter(path, complete);
  return {
    append,
    finish,
    write: (parts) => {
      for (const part of parts) append(part);
      finish();
    },
  };
}

function writePart(fd: number, part: string | Uint8Array): void {
  const bytes = typeof part === 'string' ? Buffer.from(part) : part;
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/**
 * Writes a text as the whole of a file.
 * @throws {CannotWriteFileError} when the system does not let us
 */
export function writeTextFile(path: string, text: string): void {
  asWriter(path, () => writeFileSync(encodeOsString(path), text));
}

/** Does what writes a file, and says of a failure what it means for someone who named the file. */
function asWriter<Result>(path: string, act: () => Result): Result {
  if (path.includes('\0')) throw new CannotWriteFileError(path, 'a path cannot hold a NUL character');
  try {
    return act();
  } catch (error) {
    const name = errnoNameOf(error);
    if (name === undefined) throw error;
    throw new CannotWriteFileError(path, STATES[name] ?? name, { cause: error });
  }
}
