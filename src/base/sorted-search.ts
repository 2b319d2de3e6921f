/** The position of the last of some ascending numbers that is not above a value; -1 when all are. */
export function lastAtOrBefore(sorted: ArrayLike<number>, value: number): number {
  return searchLast(sorted.length, (index) => (sorted[index] ?? 0) <= value);
}

/** The position of the last of some ranges, ascending by their start, that begins at a value or before it; -1 for none. */
export function lastStartingAtOrBefore(ranges: ArrayLike<{ readonly start: number }>, value: number): number {
  return searchLast(ranges.length, (index) => (ranges[index]?.start ?? Number.POSITIVE_INFINITY) <= value);
}

/** The range that holds a value, of ranges that ascend and do not overlap. */
export function rangeHolding<Range extends { readonly start: number; readonly end: number }>(
  ranges: readonly Range[],
  value: number,
): Range | undefined {
  const range = ranges[lastStartingAtOrBefore(ranges, value)];
  return range !== undefined && value < range.end ? range : undefined;
}

/** The last position of which something holds that holds up to there; -1 for none. */
function searchLast(count: number, holdsAt: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holdsAt(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
