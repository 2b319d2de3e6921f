import { BadArgumentError } from '../base/errors.ts';

const WORD_PARTS = /(\s+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)|(['"\\])/g;

/**
 * Splits a command line into words as a POSIX shell does (Shell Command Language, 2.2 Quoting): blanks separate, both
 * kinds of quotes and the backslash protect. Nothing is expanded.
 */
export function splitShellWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [, blank, single, double, escaped, bare, open] of line.matchAll(WORD_PARTS)) {
    if (open === '\\') throw new BadArgumentError(`Cannot read ${line}: nothing follows the last backslash`);
    if (open !== undefined) throw new BadArgumentError(`Cannot read ${line}: a ${open} is not closed`);
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    // Within double quotes a backslash protects only these; before anything else it is itself.
    const part = single ?? double?.replaceAll(/\\([$`"\\])/g, '$1') ?? escaped ?? bare ?? '';
    word = (word ?? '') + part;
  }
  return word === undefined ? words : [...words, word];
}

/** Writes words so that a POSIX shell reads them back as they are. */
export function joinShellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
