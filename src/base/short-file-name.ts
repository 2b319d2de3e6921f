/** Shortens a file name to what follows the entry of the process's `sys.path` that leaves the least of it. */
export function shortFileName(file: string, searchPath: readonly string[]): string {
  let shortest = file;
  for (const entry of searchPath) {
    const folder = entry.endsWith('/') ? entry : `${entry}/`;
    const rest = file.slice(folder.length);
    if (entry !== '' && file.startsWith(folder) && rest !== '' && rest.length < shortest.length)
      shortest = rest;
  }
  return shortest;
}
