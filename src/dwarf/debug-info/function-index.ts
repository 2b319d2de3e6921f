import { WALK } from './abbreviation.ts';
import { EntryWalk } from './entry-walk.ts';
import { isCode, RangeIndex, RangeList } from './range-index.ts';
import { visitRanges } from './range-list.ts';
import type { Unit } from './unit.ts';

/** Calls inlined into each other beyond this number are refused: compilers stop at some tens. */
const MAX_CALLS = 256;

/**
 * Where functions are looked for: in the unit and its namespaces, or in functions and types too, where GNU C's nested
 * functions and Rust's methods are.
 */
export type FunctionDepth = 'scopes' | 'all';

/** Finds the functions of a unit that have code: offsets of their entries in `.debug_info` by address. */
export function indexFunctions(unit: Unit, depth: FunctionDepth): RangeIndex {
  const found = new RangeList();
  visitFunctions(unit, depth, (start, end, offset) => found.add(start, end, offset));
  return new RangeIndex(found);
}

/** Shows every range of every function of a unit to a visitor, with the offset of the function's entry. */
export function visitFunctions(
  unit: Unit,
  depth: FunctionDepth,
  visit: (start: number, end: number, offset: number) => void,
): void {
  const walk = new EntryWalk(unit, unit.header.rootOffset, WALK[depth]);
  while (walk.next()) {
    visitRanges(unit, walk, (start, end) => {
      visit(start, end, walk.offset);
      return false;
    });
    if (depth === 'scopes') walk.skipChildren();
  }
}

/**
 * Finds the calls that were inlined at an address: offsets of the entries of a function and of the inlined functions
 * in it, outermost first.
 * @param functionOffset where the entry of the function is in `.debug_info`
 */
export function findInlinedCalls(unit: Unit, functionOffset: number, address: number): readonly number[] {
  const calls = [functionOffset];
  const walk = new EntryWalk(unit, functionOffset, WALK.calls);
  const holdsAddress = (start: number, end: number): boolean =>
    start <= address && address < end && isCode(start, end);
  while (walk.next()) {
    if (!visitRanges(unit, walk, holdsAddress)) walk.skipChildren();
    else if (walk.isCall) {
      if (calls.length === MAX_CALLS)
        throw unit.cursor(walk.offset).fail(`more than ${MAX_CALLS} inlined calls`);
      calls.push(walk.offset);
      // An entry beside the innermost call is no part of it.
      walk.stayBelow();
    }
  }
  return calls;
}
