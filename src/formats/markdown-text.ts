import { escapeForTerminal } from '../base/escaping.ts';

/** Makes a text code within a line of Markdown. */
export function markdownCode(text: string): string {
  const safe = escapeForTerminal(text);
  // More backquotes around than there are in a row within; CommonMark 0.31, section 6.1.
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${safe}\`` : `${fence} ${safe} ${fence}`;
}

/** Renders a table of Markdown, of cells that are Markdown already. */
export function* markdownTable(
  headings: readonly string[],
  rows: Iterable<readonly string[]>,
): Generator<string> {
  yield `| ${headings.join(' | ')} |\n`;
  // What is not the last column is a number.
  yield `| ${headings.map((_, index) => (index === headings.length - 1 ? '---' : '---:')).join(' | ')} |\n`;
  // A bar ends a cell, also within code; GitHub Flavored Markdown, section 4.10.
  for (const row of rows)
    yield `| ${row.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |\n`;
}
