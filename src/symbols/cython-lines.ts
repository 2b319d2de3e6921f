/** A place in a Cython source file. */
export interface CythonPlace {
  /** As Cython was given it. */
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
}

//   /* "shop/cart.pyx":12
//  *     total += price     # <<<<<<<<<<<<<<
const MARK = /^\s*\/\* "([^"]+\.(?:pyx|pxd|pxi|py))":(\d+)$/u;

/** More lines than a statement takes in C: one that inlines loops has some hundreds. */
const MAX_LINES_BACK = 5000;

/**
 * Finds the Cython statement that a line of generated C stands for: Cython writes it in a comment before its code.
 * `undefined` outside of functions that have such comments.
 * @param lines those of the C file
 * @param line from 1 on
 */
export function cythonPlaceAt(lines: readonly string[], line: number): CythonPlace | undefined {
  const last = Math.max(0, line - MAX_LINES_BACK);
  for (let at = Math.min(line, lines.length) - 1; at >= last; at -= 1) {
    const text = lines[at] ?? '';
    const [, file, number] = MARK.exec(text) ?? [];
    if (file !== undefined) return { file, line: Number(number) };
    // The end of the function before.
    if (text.startsWith('}')) return undefined;
  }
  return undefined;
}
