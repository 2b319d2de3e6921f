/** Finds the last of ranges, sorted by their start, that begins at an address or before it; -1 when none does. */
export function lastAtOrBefore(ranges: readonly { readonly start: number }[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.start ?? Number.POSITIVE_INFINITY) <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
