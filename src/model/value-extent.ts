/** How much of a value is wanted. */
export interface ValueExtent {
  /** Containers within containers; `'all'` for as many as there are within the budget. */
  readonly depth?: number | 'all';
  /** Long strings and containers whole, within the budget. */
  readonly whole?: boolean;
}

/** The bounds of a tree of values; those of cpython's reader and of the agent's are the same. */
export interface ValueBudget {
  readonly maxDepth: number;
  readonly maxItems: number;
  readonly maxCharacters: number;
  readonly maxObjects: number;
}

/** Below the wanted depth a container still has a line, for which its items are needed. */
const LINE_DEPTH = 2;
/** Enough for a MiB of text, and few enough to be read in a second. */
const MOST_OBJECTS = 100_000;
const DEEPEST = 100;

/** The bounds that an extent asks for. */
export function budgetOf({ depth = 2, whole = false }: ValueExtent): ValueBudget {
  const isAll = depth === 'all';
  return {
    maxDepth: isAll ? DEEPEST : depth + LINE_DEPTH,
    maxItems: whole || isAll ? MOST_OBJECTS : 20,
    maxCharacters: whole || isAll ? 1 << 20 : 256,
    maxObjects: whole || isAll ? MOST_OBJECTS : 5000,
  };
}
