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
  { layout, roots }: CPythonRuntime,
  interpreter: Address,
): Generations {
  const { collector } = layout;
  if (collector === undefined)
    return {
      kind: 'none',
      reason: 'free-threaded builds of CPython keep no lists of them, only the heap of their allocator',
    };
  const place = firstGeneration(memory, { layout, roots }, interpreter);
  if (place === undefined)
    return { kind: 'none', reason: 'the lists of its garbage collector could not be found without symbols' };
  const heads = Array.from({ length: GENERATION_COUNT }, (_, at) =>
    offsetBy(place.first, at * collector.generationBytes),
  );
  return { kind: 'lists', heads: [...heads, ...place.permanent] };
}

interface ListPlaces {
  readonly first: Address;
  readonly permanent: readonly Address[];
}

function firstGeneration(
  memory: Memory,
  { layout, roots }: Pick<CPythonRuntime, 'layout' | 'roots'>,
  interpreter: Address,
): ListPlaces | undefined {
  const places = (base: Address, generations: number, permanent: number | undefined): ListPlaces => ({
    first: offsetBy(base, generations),
    permanent: permanent === undefined ? [] : [offsetBy(base, permanent)],
  });
  const { gcGenerations, gcPermanent } = layout.interpreter;
  if (gcGenerations !== undefined) return places(interpreter, gcGenerations, gcPermanent);
  const ofRuntime = layout.runtime?.gcGenerations;
  if (ofRuntime !== undefined)
    return roots.runtime === undefined
      ? undefined
      : places(roots.runtime, ofRuntime, layout.runtime?.gcPermanent);
  const first =
    roots.youngestGeneration === undefined ? undefined : readPointer(memory, roots.youngestGeneration);
  return first === undefined ? undefined : { first, permanent: [] };
}
