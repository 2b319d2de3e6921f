/** What is typed where no bound is wanted: the `all` of options that are bounds. */
export const ALL = -1;

/** A bound as it was typed. */
export function boundOf(typed: number): number {
  return typed === ALL ? Number.POSITIVE_INFINITY : typed;
}
