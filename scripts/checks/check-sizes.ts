import { posix } from 'node:path';
import ts from 'typescript';
import { type Finding, isTypeScript, parseSource, type SourceText } from './source-text.ts';

const MOST_LINES_OF_CODE = 400;
const EMPTY_NAMES = /^(.+-)?(utils?|helpers?|common|shared|managers?)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const MADE_BY_SCRIPT = /\b(Made|Generated|Written) by scripts\//;

/** Refuses long files, names that say nothing, and names that are not kebab-case. */
export function checkSizes(files: readonly SourceText[]): readonly Finding[] {
  return files
    .filter(({ path }) => isTypeScript(path))
    .flatMap((file) => [...sizeFindings(file), ...nameFindings(file)]);
}

function sizeFindings(file: SourceText): readonly Finding[] {
  // A table that a script made is as long as its subject; it says so in its first comment.
  if (MADE_BY_SCRIPT.test(leadingComment(file))) return [];
  const lines = linesOfCode(file);
  if (lines <= MOST_LINES_OF_CODE) return [];
  const rule = `${lines} lines of code, ${MOST_LINES_OF_CODE} are the most`;
  return [{ file: file.path, line: 1, rule }];
}

function leadingComment({ text }: SourceText): string {
  return (ts.getLeadingCommentRanges(text, 0) ?? []).map(({ pos, end }) => text.slice(pos, end)).join('\n');
}

/** Counts the lines that hold more than blanks and comments. */
function linesOfCode(file: SourceText): number {
  const tree = parseSource(file);
  const lines = new Set<number>();
  const mark = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(tree);
    for (const child of children) mark(child);
    if (children.length > 0 || node.getWidth(tree) === 0) return;
    const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
    const last = tree.getLineAndCharacterOfPosition(node.getEnd()).line;
    for (let line = first; line <= last; line += 1) lines.add(line);
  };
  mark(tree);
  return lines.size;
}

function nameFindings({ path }: SourceText): readonly Finding[] {
  const parts = path.split('/').map((part) => posix.basename(part, '.ts'));
  return parts.flatMap((part) => {
    const stem = part.split('.')[0] ?? part;
    if (EMPTY_NAMES.test(stem)) return [{ file: path, line: 1, rule: `the name ${part} says nothing` }];
    if (!KEBAB_CASE.test(part)) return [{ file: path, line: 1, rule: `the name ${part} is not kebab-case` }];
    return [];
  });
}
