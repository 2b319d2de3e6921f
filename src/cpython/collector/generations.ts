import { type Address, offsetBy } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { type CPythonRuntime, readPointer } from '../runtime.ts';

/** The lists in which the collector keeps the objects of an interpreter, or why there are none to be read. */
export type Generations =
  | { readonly kind: 'lists'; readonly heads: readonly Address[] }
  | { readonly kind: 'none'; readonly reason: string };

/** `NUM_GENERATIONS`, cpython/Include/internal/pycore_gc.h, 3.7 to 3.15. */
const GENERATION_COUNT = 3;

/**
 * Finds the heads of the collector's lists, the youngest first: objects move to older ones only, so that who goes
 * through them in this order while the process runs misses none that moves. Last comes what gc.freeze() has put aside.
 */
export function findGenerations(
  memory: Memory,
  { layout, roots }: Pick<CPythonRuntime, 'layout' | 'roots'>,
  interpreter: Address,
): Generations {
  const { collector } = layout;
  if (collector === undefined)
    return {
      kind: 'none',
      reason: 'free-threaded builds of CPython keep no lists of them, only the heap of their allocator',
    };
  const youngest = youngestOf(memory, { layout, roots }, interpreter);
  if (youngest === undefined)
    return { kind: 'none', reason: 'the lists of its garbage collector could not be found without symbols' };
  const heads = Array.from({ length: GENERATION_COUNT }, (_, at) =>
    offsetBy(youngest, at * collector.generationBytes),
  );
  const { gcPermanent } = layout.interpreter;
  const permanent = placeIn(interpreter, gcPermanent) ?? placeIn(roots.runtime, layout.runtime?.gcPermanent);
  return { kind: 'lists', heads: permanent === undefined ? heads : [...heads, permanent] };
}

/** Where the list of the youngest begins; `undefined` without the symbols that it hangs off to 3.8. */
function youngestOf(
  memory: Memory,
  { layout, roots }: Pick<CPythonRuntime, 'layout' | 'roots'>,
  interpreter: Address,
): Address | undefined {
  const { gcGenerations, gcYoungest } = layout.interpreter;
  if (gcGenerations !== undefined) return offsetBy(interpreter, gcGenerations);
  const pointer = placeIn(interpreter, gcYoungest) ?? placeIn(roots.runtime, layout.runtime?.gcYoungest);
  const place = pointer ?? roots.youngestGeneration;
  return place === undefined ? undefined : readPointer(memory, place);
}

function placeIn(struct: Address | undefined, member: number | undefined): Address | undefined {
  return struct === undefined || member === undefined ? undefined : offsetBy(struct, member);
}
