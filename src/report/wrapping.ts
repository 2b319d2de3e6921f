/** Where nobody says how wide the terminal is. */
export const USUAL_COLUMNS = 80;

/** Breaks text between words so that each line with its indent fits, but for words that are longer. */
export function* wrap(text: string, indent: string, width: number): Generator<string> {
  let line = indent;
  for (const word of text.split(' ')) {
    const isFirst = line === indent;
    if (!isFirst && line.length + 1 + word.length > width) {
      yield line;
      line = indent + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  yield line;
}
