import { readdirSync, readFileSync } from 'node:fs';
import type { SourceText } from './source-text.ts';

/** What is never committed or not written by us. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['.git', 'dist', 'node_modules']);
const SKIPPED_FILES = /(^|\/)package-lock\.json$|\.(log|actual)$|(^|\/)\.git$/;

/** Reads every file of the repository, in the order of their paths; one with a NUL byte is no text and counts as empty. */
export function readRepositoryFiles(root: string): readonly SourceText[] {
  return listFiles(root, '').map((path) => {
    const bytes = readFileSync(`${root}/${path}`);
    return { path, text: bytes.includes(0) ? '' : bytes.toString('utf8') };
  });
}

function listFiles(root: string, folder: string): readonly string[] {
  const entries = readdirSync(`${root}/${folder}`, { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(root, path);
      return entry.isFile() && !SKIPPED_FILES.test(path) ? [path] : [];
    });
}
