import { type LibrarySearch, libraryDirectories, pathsBelow } from '../elf/core/library-search.ts';
import { listFilesBelow, readHostTextFile } from '../platform/host-files.ts';
import { requireDirectory } from '../platform/input-file.ts';
import type { TargetTextFile } from '../platform/target-files.ts';

/**
 * Where the files of a process are looked for: in some directories, and below one that has the root directory of the
 * process now, or a part of that.
 * @throws {CannotReadFileError} for what is no directory
 */
export function librarySearch(directories: readonly string[], root: string | undefined): LibrarySearch {
  for (const directory of root === undefined ? directories : [...directories, root])
    requireDirectory(directory);
  if (root === undefined) return { directories };
  const below = libraryDirectories(root, listFilesBelow(root));
  return { ...below, directories: [...directories, ...below.directories] };
}

/** Reads a file of text, such as a source, that the process had under a path; `undefined` when it is not here. */
export function readTextBelow(path: string, search: LibrarySearch): TargetTextFile | undefined {
  for (const candidate of pathsBelow(path, search)) {
    const file = readHostTextFile(candidate);
    if (file !== undefined) return file;
  }
  return undefined;
}
