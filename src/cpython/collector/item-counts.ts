import type { Layout } from '../layouts/layout.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import type { HeapWords } from './heap-words.ts';

/** Where an object says how many items it has, by what its type is or derives from. */
const COUNTS: readonly (readonly [flag: number, countAt: (layout: Layout) => number | undefined])[] = [
  [TYPE_FLAGS.listSubclass, ({ list }) => list.size],
  [TYPE_FLAGS.tupleSubclass, ({ tuple }) => tuple.size],
  [TYPE_FLAGS.dictSubclass, ({ dict }) => dict.used],
  [TYPE_FLAGS.bytesSubclass, ({ bytes }) => bytes.size],
  [TYPE_FLAGS.unicodeSubclass, ({ unicode, unicode2 }) => unicode?.length ?? unicode2?.length],
];
const NAMED_COUNTS: Readonly<Record<string, (layout: Layout) => number>> = {
  set: ({ set }) => set.used,
  frozenset: ({ set }) => set.used,
  bytearray: ({ byteArray }) => byteArray.size,
  'collections.deque': ({ object }) => object.varSize,
  'array.array': ({ object }) => object.varSize,
};

/** Reads how many items, entries, characters or bytes an object has, as `len()` says; `undefined` for what has none. */
export function itemCountOf(
  { words, layout }: { readonly words: HeapWords; readonly layout: Layout },
  object: number,
  { flags, builtInTypes }: TypeFacts,
): number | undefined {
  const [, byFlag] = COUNTS.find(([flag]) => hasFlag(flags, flag)) ?? [];
  const name = builtInTypes.find((each) => Object.hasOwn(NAMED_COUNTS, each));
  const at = (byFlag ?? (name === undefined ? undefined : NAMED_COUNTS[name]))?.(layout);
  if (at === undefined) return undefined;
  const count = words.word(object + at);
  return count < 0 ? undefined : count;
}
