/** The codes that pyflight writes to a screen of its own, each with what follows it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what codes begin with.
const PARTS = /\u001b\[(\??[\d;]*)([a-zA-Z])([^\u001b]*)/g;

/** What stands on the alternate screen after all that was written; `undefined` when it is not shown. */
export function shownScreen(written: string): string | undefined {
  if (written.lastIndexOf('[?1049h') <= written.lastIndexOf('[?1049l')) return undefined;
  const lines: string[] = [];
  let row = 0;
  const sinceCleared = written.slice(written.lastIndexOf('\u001b[2J'));
  for (const [, numbers = '', code = '', text = ''] of sinceCleared.matchAll(PARTS)) {
    if (code === 'H') row = Number.parseInt(numbers, 10) - 1;
    if (code === 'K') lines[row] = '';
    if (text !== '') lines[row] = `${lines[row] ?? ''}${text}`;
  }
  return Array.from(lines, (line) => line ?? '').join('\n');
}
