import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { errnoNameOf } from './errno.ts';
import { FileSource, O_PATH, readThrough, tryOpen } from './file-source.ts';
import type { TargetTextFile } from './target-files.ts';

/** Files of our own file system that are open at the same time, and closed together. */
export class HostFiles implements Disposable {
  readonly #files: Disposable[] = [];

  /** `undefined` unless it is a regular file that we may read. */
  open(path: string): FileSource | undefined {
    const file = openHostFile(path);
    if (file !== undefined) this.keep(file);
    return file;
  }

  /** Closes a file together with the others. */
  keep(file: Disposable): void {
    this.#files.push(file);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file[Symbol.dispose]();
  }
}

/** Opens a file of our own file system; `undefined` unless it is a regular file that we may read. */
export function openHostFile(path: string): FileSource | undefined {
  const handle = path.includes('\0') ? undefined : tryOpen(path, O_PATH);
  return handle === undefined ? undefined : readThrough(handle, (fd) => new FileSource(fd, path));
}

/** Source files are smaller; a larger file is another thing. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;

/** Reads a file of our own file system whole; `undefined` for one that is larger than 32 MiB, too. */
export function readHostTextFile(path: string): TargetTextFile | undefined {
  using file = path.startsWith('/') ? openHostFile(path) : undefined;
  if (file === undefined || file.sizeBytes > MAX_TEXT_BYTES) return undefined;
  return { bytes: file.read(0, file.sizeBytes), modifiedAt: file.modifiedAt };
}

/** A tree with more files is looked through up to here. */
const MAX_LISTED_FILES = 1_000_000;

/** The paths of all files below a directory, without following links; none where there is no such directory. */
export function* listFilesBelow(root: string): Generator<string> {
  const open = [root];
  let count = 0;
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const entry of entriesOf(directory)) {
      const path = posix.join(directory, entry.name);
      if (entry.isDirectory()) open.push(path);
      else yield path;
      count += 1;
      if (count > MAX_LISTED_FILES) return;
    }
  }
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (errnoNameOf(error) === undefined) throw error;
    return [];
  }
}
