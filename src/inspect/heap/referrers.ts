import type { Address } from '../../base/address.ts';
import type { HeapWords } from '../../cpython/collector/heap-words.ts';
import { HeldObjects } from '../../cpython/collector/held-objects.ts';
import { walkTracked } from '../../cpython/collector/tracked-objects.ts';
import type { HolderOwner, Referrer } from '../../model/instance-report.ts';
import type { Target } from '../../target/target.ts';
import { frameBindings } from '../frame-bindings.ts';
import { type Hits, HolderOwners } from './referrer-owners.ts';
import { placeIn } from './referrer-places.ts';

/** Where referrers are looked for. */
export interface ReferrerSearch {
  readonly words: HeapWords;
  readonly heads: readonly Address[];
  readonly isMoving: boolean;
}

/** Who holds one object. */
export interface FoundReferrers {
  readonly listed: readonly Referrer[];
  readonly otherCount: number;
}

/** Referrers that are described; an object may have a million. */
const MOST_LISTED = 20;

/**
 * Finds which objects that the collector tracks hold each of some objects directly, and which variables of running frames do.
 * What a container or a cell belongs to, a module, a class, an instance or a function, is named too.
 */
export function findReferrers(
  target: Target,
  wanted: readonly Address[],
  search: ReferrerSearch,
): ReadonlyMap<Address, FoundReferrers> {
  const hits = findHits(target, new Set(wanted), search);
  const owners = HolderOwners.find(
    target,
    [...hits.values()].flatMap(({ listed }) => listed),
    (inner) => findHits(target, inner, search),
  );
  const frames = findInFrames(target, new Set(wanted));
  return new Map(
    wanted.map((object) => {
      const { listed, count } = hits.get(object) ?? { listed: [], count: 0 };
      const inFrames = frames.get(object) ?? [];
      // To 3.10 the frames that run are among what the collector tracks too.
      const running = new Set(inFrames.map(({ address }) => address));
      const others = listed.filter(({ holder }) => !running.has(holder));
      const described = others.map((hit) => ({
        typeName: target.objects.typeFacts(hit.type).fullName,
        address: hit.holder,
        place: placeIn(target, hit.holder, object),
        owner: owners.of(hit),
      }));
      return [object, { listed: [...inFrames, ...described], otherCount: count - listed.length }] as const;
    }),
  );
}

function findHits(
  { objects, runtime }: Target,
  wanted: ReadonlySet<number>,
  { words, heads, isMoving }: ReferrerSearch,
): Map<number, Hits> {
  const held = new HeldObjects(objects, words, wanted);
  const hits = new Map<number, Hits>();
  const source = { words, layout: runtime.layout, flags: objects.flags, isMoving };
  walkTracked(source, heads, (holder, type) => {
    for (const object of held.in(holder, type)) {
      const known = hits.get(object) ?? { listed: [], count: 0 };
      known.count += 1;
      if (known.listed.length < MOST_LISTED) known.listed.push({ holder, type });
      hits.set(object, known);
    }
  });
  return hits;
}

/** The variables of frames that run that hold one of some objects. */
function findInFrames(target: Target, wanted: ReadonlySet<number>): ReadonlyMap<number, readonly Referrer[]> {
  const found = new Map<number, Referrer[]>();
  for (const { frame, code, name, object } of frameBindings(target)) {
    if (!wanted.has(object)) continue;
    const known = found.get(object) ?? [];
    const owner: HolderOwner = { kind: 'call', name: target.codeObjects.factsOf(code).name };
    known.push({ typeName: 'frame', address: frame, place: { kind: 'variable', name }, owner });
    found.set(object, known);
  }
  return found;
}
