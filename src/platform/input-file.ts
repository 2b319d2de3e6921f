import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { CannotReadFileError } from '../base/errors.ts';
import { encodeOsString } from '../base/os-string.ts';
import { errnoNameOf } from './errno.ts';
import { FileSource } from './file-source.ts';

/** What the commoner failures of open(2) mean for someone who named a file. */
const STATES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'permission denied',
};

/**
 * Opens a file that the user named.
 * @throws {CannotReadFileError} for anything that is no regular file that we may read
 */
export function openInputFile(path: string): FileSource {
  if (path.includes('\0')) throw new CannotReadFileError(path, 'a path cannot hold a NUL character');
  const fd = open(path);
  const found = fstatSync(fd);
  if (found.isFile()) return new FileSource(fd, path);
  closeSync(fd);
  throw new CannotReadFileError(path, found.isDirectory() ? 'it is a directory' : 'it is no regular file');
}

/**
 * Reads a file that the user named.
 * @throws {CannotReadFileError} for anything that is no regular file that we may read
 */
export function readInputFile(path: string): Uint8Array {
  using file = openInputFile(path);
  return file.read(0, file.sizeBytes);
}

/**
 * Makes sure that a directory that the user named is one.
 * @throws {CannotReadFileError} for anything else
 */
export function requireDirectory(path: string): void {
  const fd = open(path);
  try {
    if (!fstatSync(fd).isDirectory()) throw new CannotReadFileError(path, 'it is no directory');
  } finally {
    closeSync(fd);
  }
}

function open(path: string): number {
  try {
    // A pipe without a writer would block.
    return openSync(encodeOsString(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const name = errnoNameOf(error);
    if (name === undefined) throw error;
    throw new CannotReadFileError(path, STATES[name] ?? name, { cause: error });
  }
}
