import { mayCoverCode } from './abbreviation.ts';
import { TAG } from './dwarf-constants.ts';
import { EntryWalk } from './entry-walk.ts';
import { isCode, RangeIndex, RangeList } from './range-index.ts';
import { visitRanges } from './range-list.ts';
import type { Unit } from './unit.ts';

/** What functions lie in that can be found without looking into other functions and into types. */
const SCOPES: ReadonlySet<number> = new Set<number>([
  TAG.compileUnit,
  TAG.partialUnit,
  TAG.skeletonUnit,
  TAG.namespace,
  TAG.module,
]);

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
  const walk = new EntryWalk(unit, unit.header.rootOffset);
  while (walk.next()) {
    if (walk.tag === TAG.subprogram && walk.hasCode) {
      visitRanges(unit, walk, (start, end) => {
        visit(start, end, walk.offset);
        return false;
      });
    }
    if (depth === 'scopes' && !SCOPES.has(walk.tag)) walk.skipChildren();
  }
}

/**
 * Finds the calls that were inlined at an address: offsets of the entries of a function and of the inlined functions
 * in it, outermost first.
 * @param functionOffset where the entry of the function is in `.debug_info`
 */
export function findInlinedCalls(unit: Unit, functionOffset: number, address: number): readonly number[] {
  const calls = [functionOffset];
  const walk = new EntryWalk(unit, functionOffset);
  walk.next();
  let innermostDepth = 0;
  const holdsAddress = (start: number, end: number): boolean =>
    start <= address && address < end && isCode(start, end);
  // An entry beside the innermost call is no part of it.
  while (walk.next() && walk.depth > innermostDepth) {
    const mayHold = mayCoverCode(walk.tag) && walk.tag !== TAG.subprogram;
    const isInside = mayHold && (walk.hasCode ? visitRanges(unit, walk, holdsAddress) : isBlock(walk.tag));
    if (!isInside) walk.skipChildren();
    else if (walk.tag === TAG.inlinedSubroutine) {
      if (calls.length === MAX_CALLS)
        throw unit.cursor(walk.offset).fail(`more than ${MAX_CALLS} inlined calls`);
      calls.push(walk.offset);
      innermostDepth = walk.depth;
    }
  }
  return calls;
}

/** A block without code of its own may still have calls with code below it. */
function isBlock(tag: number): boolean {
  return tag !== TAG.inlinedSubroutine;
}
