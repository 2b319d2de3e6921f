/** How much of an object is read. */
export interface ViewBudget {
  /** Containers within containers; scalars are shown one level deeper. */
  readonly maxDepth: number;
  /** Items of one container, attributes of one instance. */
  readonly maxItems: number;
  /** Characters of one string, bytes of one bytes object. */
  readonly maxCharacters: number;
  /** Objects in the whole tree. */
  readonly maxObjects: number;
}

/** More than a line of a report shows, and little enough to be read for every variable while the target is paused. */
export const DEFAULT_VIEW_BUDGET: ViewBudget = {
  maxDepth: 6,
  maxItems: 100,
  maxCharacters: 1000,
  maxObjects: 300,
};

/** Our own recursion follows the depth of the tree; this much always fits the stack. */
export const DEEPEST_VIEW = 100;

/** How often a sound object may be read: generous, for a class costs some hundreds of reads once. */
export function mostReads(budget: ViewBudget): number {
  return 50_000 + 50 * budget.maxObjects;
}
