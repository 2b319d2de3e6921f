import { readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { silently } from './errno.ts';

/** More than this is no help to anybody who types. */
const MOST_ENTRIES = 1000;

/** The names in a directory that begin with some letters, directories with a slash behind; none that cannot be read. */
export function listEntries(directory: string, beginning: string): readonly string[] {
  const entries = silently(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return entries
    .filter(({ name }) => name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')))
    .slice(0, MOST_ENTRIES)
    .map((entry) =>
      entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(posix.join(directory, entry.name)))
        ? `${entry.name}/`
        : entry.name,
    );
}

function isDirectory(path: string): boolean {
  return silently(() => statSync(path).isDirectory()) ?? false;
}
