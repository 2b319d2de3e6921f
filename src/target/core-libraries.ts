import { libraryDirectories } from '../elf/core/library-search.ts';
import { listFilesBelow } from '../platform/host-files.ts';

/** The directories below a root that hold libraries, the root itself first. */
export function libraryDirectoriesBelow(root: string): readonly string[] {
  return libraryDirectories(root, listFilesBelow(root)).directories;
}
