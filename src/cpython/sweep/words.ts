const TWO_32 = 0x1_0000_0000;

/** A 64-bit word of the target at a byte of a buffer, as the number that addresses are. */
export function wordAt(words: Uint32Array, offset: number): number {
  const at = offset >>> 2;
  return (words[at] ?? 0) + (words[at + 1] ?? 0) * TWO_32;
}
