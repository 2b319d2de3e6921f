import type { ViewBudget } from '../cpython/objects/view-budget.ts';

/** How much of a value is wanted. */
export interface ValueExtent {
  /** Containers within containers; `'all'` for as many as there are within the budget. */
  readonly depth?: number | 'all';
  /** Long strings and containers whole, within the budget. */
  readonly whole?: boolean;
}

/** Below the wanted depth a container still has a line, for which its items are needed. */
const LINE_DEPTH = 2;
/** Enough for a MiB of text, and few enough to be read in a second. */
const MOST_OBJECTS = 100_000;
const DEEPEST = 100;

/** The budget of the read that an extent asks for. */
export function budgetOf({ depth = 2, whole = false }: ValueExtent): ViewBudget {
  const isAll = depth === 'all';
  return {
    maxDepth: isAll ? DEEPEST : depth + LINE_DEPTH,
    maxItems: whole || isAll ? MOST_OBJECTS : 20,
    maxCharacters: whole || isAll ? 1 << 20 : 256,
    maxObjects: whole || isAll ? MOST_OBJECTS : 5000,
  };
}
