import { escapeForTerminal } from '../base/escaping.ts';
import type { HotFile, HotLine } from '../profile/source-heat.ts';

/** A line of a file as it is shown. */
export interface ShownLine extends HotLine {
  /** '' where the source is not known. */
  readonly text: string;
}

/** The lines where something was seen, with some around them where the source is known. */
export function shownLines(
  { lines }: HotFile,
  source: readonly string[] | undefined,
  around: number,
): readonly ShownLine[] {
  const shown = new Map<number, ShownLine>();
  for (const hot of lines) {
    for (let line = hot.line - around; line <= hot.line + around; line += 1) {
      const text = source?.[line - 1];
      if (text !== undefined && !shown.has(line))
        shown.set(line, { line, own: 0, total: 0, text: escapeForTerminal(text.replaceAll('\t', '    ')) });
    }
  }
  for (const hot of lines) shown.set(hot.line, { ...hot, text: shown.get(hot.line)?.text ?? '' });
  return [...shown.values()].sort((one, other) => one.line - other.line);
}
