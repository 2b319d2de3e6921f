import { hasFlag, TYPE_FLAGS } from './type-flags.ts';

/** Each is set in one type that is made in C and in all that derive from it. */
const NAMES: readonly (readonly [flag: number, name: string])[] = [
  [TYPE_FLAGS.longSubclass, 'int'],
  [TYPE_FLAGS.listSubclass, 'list'],
  [TYPE_FLAGS.tupleSubclass, 'tuple'],
  [TYPE_FLAGS.bytesSubclass, 'bytes'],
  [TYPE_FLAGS.unicodeSubclass, 'str'],
  [TYPE_FLAGS.dictSubclass, 'dict'],
  [TYPE_FLAGS.typeSubclass, 'type'],
];

/**
 * Tells the name of a static type of Python 3 by its flags, as far as they tell one: its own name lies in the file of the
 * interpreter, which may not be at hand for a core.
 * @param baseFlags those of `tp_base`; `undefined` for a type that derives from none, as `object` alone does
 */
export function nameOfUnnamedType(flags: number, baseFlags: number | undefined): string | undefined {
  if (hasFlag(flags, TYPE_FLAGS.heapType)) return undefined;
  if (baseFlags === undefined) return 'object';
  return NAMES.find(([flag]) => hasFlag(flags, flag) && !hasFlag(baseFlags, flag))?.[1];
}
