import { writeFileSync } from 'node:fs';
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

/**
 * Writes a text as the whole of a file.
 * @throws {CannotWriteFileError} when the system does not let us
 */
export function writeTextFile(path: string, text: string): void {
  if (path.includes('\0')) throw new CannotWriteFileError(path, 'a path cannot hold a NUL character');
  try {
    writeFileSync(encodeOsString(path), text);
  } catch (error) {
    const name = errnoNameOf(error);
    if (name === undefined) throw error;
    throw new CannotWriteFileError(path, STATES[name] ?? name, { cause: error });
  }
}
