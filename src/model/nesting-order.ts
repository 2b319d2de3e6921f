import type { ThreadStack } from './thread-stack.ts';

/**
 * Orders the states that several interpreters have on one OS thread, outermost first: nested ones run further down
 * its stack. Where a version does not tell (to 3.10) the newer interpreter is the inner one.
 */
export function byNesting(a: ThreadStack, b: ThreadStack): number {
  if (a.stackAnchor === undefined && b.stackAnchor === undefined) return a.interpreterId - b.interpreterId;
  return (b.stackAnchor ?? 0) - (a.stackAnchor ?? 0);
}
