import type { Context } from './context.ts';

/** Writes lines as one piece of text. */
export function outLines(lines: Iterable<string>, { out }: Context): void {
  let text = '';
  for (const line of lines) text += `${line}\n`;
  out(text);
}
