import { type Address, isAddress } from '../../base/address.ts';
import type { AttributeRule } from '../layouts/layout.ts';
import { type DictEntry, readDictEntries, readDictLength, readSplitEntries } from './dict-entries.ts';
import { foreignOffset, type ObjectSource, readPointer, readStruct } from './foreign-struct.ts';
import { readName, readTextStart } from './names.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS, type TypeFlags } from './type-flags.ts';
import type { TypeFacts } from './type-table.ts';

/** An attribute of an object, its value not looked at yet. */
export interface Attribute {
  readonly name: string;
  readonly value: Address;
}

/** The attributes of an object, perhaps only the first of them. */
export interface Attributes {
  readonly items: readonly Attribute[];
  readonly omitted: number;
}

/** What the functions of this file work on. */
export interface AttributeSource extends ObjectSource {
  readonly flags: TypeFlags;
}

type ManagedRule = Exclude<AttributeRule, { readonly kind: 'dictoffset' }>;

const MOST_SLOTS = 10_000;
const MOST_CLASSES = 256;

/** Reads the attributes of an instance: those in `__slots__`, base classes first, then those of its dict. */
export function readAttributes(
  source: AttributeSource,
  object: Address,
  type: TypeFacts,
  limit: number,
): Attributes {
  const items = readSlotAttributes(source, object, type).slice(0, limit);
  let omitted = 0;
  for (const { key, value } of instanceEntries(source, object, type)) {
    const name = items.length < limit ? readTextStart(source, source.flags, key, limit * 64) : undefined;
    if (name === undefined || name.omitted > 0) omitted += 1;
    else items.push({ name: name.value, value });
  }
  return { items, omitted };
}

function instanceEntries(source: AttributeSource, object: Address, type: TypeFacts): Iterable<DictEntry> {
  const rule = source.layout.rules.attributes;
  if (rule.kind !== 'dictoffset' && hasFlag(type.flags, 2 ** rule.managedDictFlag))
    return managedEntries(source, { object, type, rule });
  const place = dictPlace(source, object, type);
  const dict = place === undefined ? undefined : readPointer(source.memory, place, '__dict__');
  return dict === undefined ? [] : dictOfInstance(source, dict);
}

/** An instance has any object for a dict only if its memory is torn. */
function dictOfInstance(source: AttributeSource, dict: Address): Iterable<DictEntry> {
  if (!hasFlag(source.flags.of(readTypeAddress(source, dict)), TYPE_FLAGS.dictSubclass)) return [];
  readDictLength(source, dict);
  return readDictEntries(source, dict);
}
