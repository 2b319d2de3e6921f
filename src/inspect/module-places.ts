import { posix } from 'node:path';
import type { LoadedModule, MeantFile } from '../model/loaded-module.ts';
import { absolutePath, pathFactsHere } from '../target/host-paths.ts';
import type { PathFacts, Target } from '../target/target.ts';
import { sourceOfBytecode } from './module-files.ts';

/** A file that a path may mean, and all that it may be known by. */
export interface NamedFile {
  readonly path: string;
  /** Whose working directory the path was taken from. */
  readonly from: MeantFile['from'];
  readonly paths: ReadonlySet<string>;
  /** Device and inode of what is there, as we see it and as the target does. */
  readonly identities: ReadonlySet<string>;
}

/**
 * Makes out what a user means by a path: a file of this machine or of the target's own file system, by any of its names; the
 * source of compiled code, or the code of a source; a package by its directory. A relative path is taken from our working
 * directory, and then from that of the process; a core has none.
 */
export function filesNamed(target: Target, file: string): readonly NamedFile[] {
  const path = absolutePath(file);
  const ours = fileNamed(path, 'ours', (name) => [name, pathFactsHere(name), target.pathFacts(name)]);
  const directory = posix.isAbsolute(file) ? undefined : target.pathFacts('.')?.realPath;
  if (directory === undefined) return [ours];
  // From there the target itself finds it, whatever its root directory is.
  const theirs = fileNamed(posix.normalize(file), 'process', (name) => [
    posix.join(directory, name),
    target.pathFacts(name),
  ]);
  const isSame = theirs.path === path || [...theirs.identities].some((each) => ours.identities.has(each));
  return isSame ? [ours] : [ours, theirs];
}

function fileNamed(
  path: string,
  from: NamedFile['from'],
  look: (name: string) => readonly [path: string, ...facts: (PathFacts | undefined)[]],
): NamedFile {
  const paths = new Set<string>();
  const identities = new Set<string>();
  for (const name of namesOf(path)) {
    const [absolute, ...found] = look(name);
    paths.add(absolute).add(name);
    for (const facts of found) {
      if (facts === undefined) continue;
      identities.add(facts.identity);
      if (facts.realPath !== undefined) for (const real of namesOf(facts.realPath)) paths.add(real);
    }
  }
  return { path: look(path)[0], from, paths, identities };
}

function namesOf(path: string): readonly string[] {
  if (/\.py[co]$/u.test(path)) return [path, sourceOfBytecode(path)];
  return path.endsWith('.py') ? [path, `${path}c`, `${path}o`] : [path];
}

/** Tells whether a module was loaded from a file, or is the package of a directory. */
export function isLoadedFrom(
  target: Target,
  { file, cached, packagePath }: LoadedModule,
  { paths, identities }: NamedFile,
): boolean {
  const own = [file, cached, ...packagePath].filter((path) => path !== undefined);
  return own.some((path) => {
    if (paths.has(posix.normalize(path))) return true;
    const facts = target.pathFacts(path);
    return (
      facts !== undefined &&
      (identities.has(facts.identity) || (facts.realPath !== undefined && paths.has(facts.realPath)))
    );
  });
}
