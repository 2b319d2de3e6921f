import { type LibrarySearch, libraryDirectories, pathsBelow } from '../elf/core/library-search.ts';
import { listFilesBelow, readHostTextFile } from '../platform/host-files.ts';
import type { TargetTextFile } from '../platform/target-files.ts';

/** Where the files of a process are looked for whose root directory is here now, or a part of that. */
export function searchBelow(root: string): LibrarySearch {
  return libraryDirectories(root, listFilesBelow(root));
}

/** Reads a file of text, such as a source, that the process had under a path; `undefined` when it is not here. */
export function readTextBelow(path: string, search: LibrarySearch): TargetTextFile | undefined {
  for (const candidate of pathsBelow(path, search)) {
    const file = readHostTextFile(candidate);
    if (file !== undefined) return file;
  }
  return undefined;
}
