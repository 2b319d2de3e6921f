import type { Writable } from 'node:stream';

/** Has the terminal show what comes between at once (synchronized output, DEC mode 2026); one that knows it not, ignores it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

const CLEAR = '\u001b[2J';

/** Lines on a whole screen: only those that are others than before are written. */
export class Screen {
  readonly #output: Writable;
  #shown: readonly string[] | undefined;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** Shows these lines, none of which is longer than the screen is wide. */
  draw(lines: readonly string[]): void {
    // A connection that is slow shows fewer of them.
    if (this.#output.writableNeedDrain) return;
    const before = this.#shown;
    const changes = Array.from({ length: Math.max(lines.length, before?.length ?? 0) }, (_, row) => {
      const line = lines[row] ?? '';
      return line === (before?.[row] ?? '') ? '' : lineAt(row, line);
    }).join('');
    this.#shown = lines;
    if (before === undefined) this.#output.write(`${BEGIN}${CLEAR}${changes}${END}`);
    else if (changes !== '') this.#output.write(`${BEGIN}${changes}${END}`);
  }

  /** Says that nobody knows what is shown now. */
  forget(): void {
    this.#shown = undefined;
  }
}

/** Erased before it is written: behind a line that is as long as the screen is wide, its last character would be (ECMA-48 CUP, EL). */
function lineAt(row: number, line: string): string {
  return `\u001b[${row + 1};1H\u001b[2K${line}`;
}
