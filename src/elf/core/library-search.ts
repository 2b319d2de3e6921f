import { posix } from 'node:path';

/** Where to look for the files of a core beside where the process had them. */
export interface LibrarySearch {
  /** In the order in which they are looked through. */
  readonly directories: readonly string[];
  /** A directory below which files lie as they lay below `/` where the process ran; they are looked for there after that. */
  readonly root?: string | undefined;
}

/**
 * The directories that `--lib-search-root` stands for: the root itself, and those below it that hold libraries, sorted.
 * @param files the paths of all files below the root
 */
export function libraryDirectories(root: string, files: Iterable<string>): LibrarySearch {
  const directories = new Set<string>();
  for (const file of files) if (isLibrary(posix.basename(file))) directories.add(posix.dirname(file));
  directories.delete(root);
  return { directories: [root, ...[...directories].sort()], root };
}

/** The paths at which the file of a module may lie, best first; none for what never had a file. */
export function moduleFileCandidates(path: string, search: LibrarySearch): readonly string[] {
  if (!path.startsWith('/')) return [];
  const name = posix.basename(path);
  const named = search.directories.map((directory) => posix.join(directory, name));
  return [...new Set([...named, ...pathsBelow(path, search)])];
}

/** Where a file may lie that the process had under a path: below the root first. */
export function pathsBelow(path: string, { root }: Pick<LibrarySearch, 'root'>): readonly string[] {
  return root === undefined || !path.startsWith('/') ? [path] : [posix.join(root, path), path];
}

/** `libx.so`, `libx.so.1.2`, but no `x.so-gdb.py`. */
function isLibrary(name: string): boolean {
  return /\.so(?:\.[^/]+)?$/u.test(name);
}
