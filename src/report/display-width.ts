/**
 * Ranges of characters that take two cells: East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, and the
 * emoji that terminals draw wide, merged where only unassigned characters lie between.
 */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x23f0, 0x23f0],
  [0x23f3, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1_6fe0, 0x1_b2ff],
  [0x1_f18e, 0x1_f18e],
  [0x1_f191, 0x1_f19a],
  [0x1_f200, 0x1_f320],
  [0x1_f32d, 0x1_f335],
  [0x1_f337, 0x1_f393],
  [0x1_f3a0, 0x1_f3f0],
  [0x1_f400, 0x1_f64f],
  [0x1_f680, 0x1_f6ff],
  [0x1_f900, 0x1_f9ff],
  [0x1_fa70, 0x1_faff],
  [0x2_0000, 0x3_fffd],
];

const TAKES_NO_CELL = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Measures how many cells of a terminal an escaped text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts a text to a number of cells; what was cut is marked by `…`. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let left = width - 1;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

function characterWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (TAKES_NO_CELL.test(character)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
