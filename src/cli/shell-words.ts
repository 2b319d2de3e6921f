import { BadArgumentError } from '../base/errors.ts';

/** A word, whose parts may be quoted, or a quote that is not closed. */
const WORD = /(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\]+)+|['"\\]/g;

const PART = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/g;

/** What stands behind the words of a command, for a shell: `| less`, `> file`, `>> file`. */
export interface ShellTail {
  readonly operator: '|' | '>' | '>>';
  /** As it was typed. */
  readonly text: string;
}

/** A line that was typed: the words of a command, and where its output goes. */
export interface TypedLine {
  readonly words: readonly string[];
  readonly tail: ShellTail | undefined;
}

/**
 * Splits a line into words as a POSIX shell does (Shell Command Language, 2.2 Quoting): blanks separate, both kinds of
 * quotes and the backslash protect, `#` begins a comment. Nothing is expanded. An operator counts only where a word
 * begins, so that `cost>10` stays the expression that it is.
 */
export function parseTypedLine(line: string): TypedLine {
  const words: string[] = [];
  for (const { 0: typed, index } of line.matchAll(WORD)) {
    if (typed === '\\') throw new BadArgumentError(`Cannot read ${line}: nothing follows the last backslash`);
    if (typed === "'" || typed === '"')
      throw new BadArgumentError(`Cannot read ${line}: a ${typed} is not closed`);
    if (typed.startsWith('#')) break;
    const operator = OPERATORS.find((known) => typed.startsWith(known));
    if (operator !== undefined)
      return { words, tail: { operator, text: line.slice(index + operator.length).trim() } };
    words.push(unquoted(typed));
  }
  return { words, tail: undefined };
}

/** The longer one first, as one begins with the other. */
const OPERATORS = ['>>', '>', '|'] as const;

function unquoted(word: string): string {
  let text = '';
  for (const [, single, double, escaped, bare] of word.matchAll(PART)) {
    // Within double quotes a backslash protects only these; before anything else it is itself.
    text += single ?? double?.replaceAll(/\\([$`"\\])/g, '$1') ?? escaped ?? bare ?? '';
  }
  return text;
}

/** Writes words so that a POSIX shell reads them back as they are. */
export function joinShellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
