import { posix } from 'node:path';
import type { LoadedModule } from '../model/loaded-module.ts';
import { absolutePath, pathFactsHere } from '../target/host-paths.ts';
import type { Target } from '../target/target.ts';
import { sourceOfBytecode } from './module-files.ts';

/** All that a file may be known by. */
export interface FilePlaces {
  readonly paths: ReadonlySet<string>;
  /** Device and inode of what is there, as we see it and as the target does. */
  readonly identities: ReadonlySet<string>;
}

/**
 * Makes out what a user means by a path: a file of this machine or of the target's own file system, by any of its names; the
 * source of compiled code, or the code of a source; a package by its directory.
 */
export function placesOfFile(target: Target, file: string): FilePlaces {
  const paths = new Set<string>();
  const identities = new Set<string>();
  for (const name of namesOf(absolutePath(file))) {
    paths.add(name);
    for (const facts of [pathFactsHere(name), target.pathFacts(name)]) {
      if (facts === undefined) continue;
      identities.add(facts.identity);
      if (facts.realPath !== undefined) for (const real of namesOf(facts.realPath)) paths.add(real);
    }
  }
  return { paths, identities };
}

function namesOf(path: string): readonly string[] {
  if (/\.py[co]$/u.test(path)) return [path, sourceOfBytecode(path)];
  return path.endsWith('.py') ? [path, `${path}c`, `${path}o`] : [path];
}

/** Tells whether a module was loaded from a file, or is the package of a directory. */
export function isLoadedFrom(
  target: Target,
  { file, cached, packagePath }: LoadedModule,
  { paths, identities }: FilePlaces,
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
