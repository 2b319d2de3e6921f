/** As `dis` of 3.12 prints it: first and last instruction, target, depth, `lasti`. */
export type HandlerRow = readonly [number, number, number, number, boolean];

/** Numbers as the table has them: six bits a byte, highest first, bit 6 on all but the last. */
function varint(value: number): readonly number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0 || digits.length === 0; rest = Math.floor(rest / 64))
    digits.unshift(rest % 64);
  return digits.map((digit, at) => (at === digits.length - 1 ? digit : digit + 64));
}

/** Writes the rows that `dis` prints: first and last instruction, target, depth, `lasti`. */
export function writeExceptionTable(rows: readonly HandlerRow[]): Uint8Array {
  return Uint8Array.from(
    rows.flatMap(([first, last, target, depth, lasti]) => {
      const [start = 0, ...rest] = varint(first / 2);
      const size = varint((last + 2 - first) / 2);
      return [start + 128, ...rest, ...size, ...varint(target / 2), ...varint(depth * 2 + (lasti ? 1 : 0))];
    }),
  );
}
