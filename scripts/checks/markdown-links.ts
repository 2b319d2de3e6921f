/** A link of a Markdown file and the line that it stands on. */
export interface MarkdownLink {
  readonly target: string;
  readonly line: number;
}

// [text](target), [text](target "title"), ![text](target), and [name]: target
const INLINE = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const DEFINITION = /^\s*\[[^\]]+\]:\s+<?([^\s>]+)>?/g;

/** Lists the links of a Markdown text; what stands in code is no link. */
export function markdownLinks(text: string): readonly MarkdownLink[] {
  return proseLines(text).flatMap((line, index) =>
    [...line.matchAll(INLINE), ...line.matchAll(DEFINITION)].flatMap(([, target]) =>
      target === undefined ? [] : [{ target, line: index + 1 }],
    ),
  );
}

/** The lines of a text with everything in code fences and backquotes blanked out. */
function proseLines(text: string): readonly string[] {
  let isInFence = false;
  return text.split('\n').map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isInFence = !isInFence;
    return isFence || isInFence ? '' : line.replaceAll(/`[^`]*`/g, '');
  });
}
