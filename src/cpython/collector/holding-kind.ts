import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';

/** What kind of tables and parts an object has, beside the members of its struct. */
export type HoldingKind = 'plain' | 'list' | 'dict' | 'set' | 'deque' | 'generator' | 'frame' | 'weak';

const GENERATORS = ['generator', 'coroutine', 'async_generator'];

/** Tells what its objects have beside the members of their struct, by what a type is or derives from. */
export function holdingKindOf({ flags, builtInTypes }: TypeFacts): HoldingKind {
  if (hasFlag(flags, TYPE_FLAGS.listSubclass)) return 'list';
  if (hasFlag(flags, TYPE_FLAGS.dictSubclass) || builtInTypes.includes('frozendict')) return 'dict';
  if (builtInTypes.some((name) => name === 'set' || name === 'frozenset')) return 'set';
  if (builtInTypes.includes('collections.deque')) return 'deque';
  if (builtInTypes.some((name) => GENERATORS.includes(name))) return 'generator';
  if (builtInTypes.includes('frame')) return 'frame';
  return builtInTypes.some((name) => /^weak/u.test(name)) ? 'weak' : 'plain';
}
