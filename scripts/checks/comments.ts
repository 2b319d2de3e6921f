import ts from 'typescript';
import { parseSource, type SourceText } from './source-text.ts';

/** A comment of a TypeScript file, with its delimiters, and the line that it begins on. */
export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** Lists the comments of a TypeScript file in the order of the text. */
export function commentsOf(file: SourceText): readonly Comment[] {
  const comments: Comment[] = [];
  const tree = parseSource(file);
  const seen = new Set<number>();
  const collect = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      comments.push({
        text: file.text.slice(pos, end),
        line: tree.getLineAndCharacterOfPosition(pos).line + 1,
      });
    }
  };
  // Comments belong to no node: they lie before and after tokens.
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(tree);
    if (children.length > 0) {
      for (const child of children) visit(child);
      return;
    }
    collect(ts.getLeadingCommentRanges(file.text, node.pos));
    collect(ts.getTrailingCommentRanges(file.text, node.end));
  };
  visit(tree);
  return comments.toSorted((a, b) => a.line - b.line);
}
