import { existsSync, readFileSync } from 'node:fs';

/** Reads a file of our own package: the first of these that is there. */
export function readOwnText(candidates: readonly URL[]): string | undefined {
  const found = candidates.find((candidate) => existsSync(candidate));
  return found === undefined ? undefined : readFileSync(found, 'utf8');
}
