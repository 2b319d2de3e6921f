import type { Address } from '../../base/address.ts';
import type { AttributeRule } from '../layouts/layout.ts';
import { type DictEntry, readDictEntries, readSplitEntries } from './dict-entries.ts';
import { findAmongEntries } from './dict-lookup.ts';
import { foreignOffset, type ObjectSource, readPointer, readStruct } from './foreign-struct.ts';
import { LONGEST_NAME, readName, readTextStart } from './names.ts';
import { checkedLength } from './text.ts';
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
/** `valid` of `struct _dictvalues`, cpython/Include/internal/pycore_dict.h, 3.13 to 3.15. */
export const INLINE_VALUES_VALID = 3;

/** Reads the attributes of an instance: those in `__slots__`, base classes first, then those of its dict. */
export function readAttributes(
  source: AttributeSource,
  object: Address,
  type: TypeFacts,
  limit: number,
): Attributes {
  const slots = readSlotAttributes(source, object, type);
  const entries = instanceEntries(source, object, type);
  const { items, omitted } = readDictAttributes(source, entries, Math.max(0, limit - slots.length));
  const shownSlots = slots.slice(0, limit);
  return { items: [...shownSlots, ...items], omitted: omitted + slots.length - shownSlots.length };
}

/** Finds some attributes in the dict of an instance, without reading the names of the others. */
export function findAttributes(
  source: AttributeSource,
  object: Address,
  type: TypeFacts,
  names: readonly string[],
): ReadonlyMap<string, Address> {
  return findAmongEntries(source, source.flags, {
    entries: instanceEntries(source, object, type),
    keys: names,
  });
}

/** Finds an attribute that lies in a slot. */
export function findSlot(
  source: AttributeSource,
  object: Address,
  type: TypeFacts,
  name: string,
): Address | undefined {
  return readSlotAttributes(source, object, type).find((slot) => slot.name === name)?.value;
}

/** Finds the name of the attribute of an instance that is an object: in its slots, then in its dict. */
export function findAttributeOf(
  source: AttributeSource,
  instance: Address,
  type: TypeFacts,
  object: Address,
): string | undefined {
  const slot = readSlotAttributes(source, instance, type).find(({ value }) => value === object);
  return slot?.name ?? findNameOf(source, instanceEntries(source, instance, type), object);
}

/** Entries looked at for the name of an object: a hundred times what an instance or a module has. */
const MOST_SEARCHED = 10_000;

/** Finds the name under which a namespace has an object. */
export function findNameOf(
  source: AttributeSource,
  entries: Iterable<DictEntry>,
  object: Address,
): string | undefined {
  let left = MOST_SEARCHED;
  for (const { key, value } of entries) {
    left -= 1;
    if (left < 0) return undefined;
    if (value !== object) continue;
    const name = readTextStart(source, source.flags, key, LONGEST_NAME);
    if (name !== undefined && name.omitted === 0) return name.value;
  }
  return undefined;
}

/** Takes the entries of a namespace for attributes; a key that is no string is left out and counted. */
export function readDictAttributes(
  source: AttributeSource,
  entries: Iterable<DictEntry>,
  limit: number,
): Attributes {
  const items: Attribute[] = [];
  let omitted = 0;
  for (const { key, value } of entries) {
    const name = items.length < limit ? readTextStart(source, source.flags, key, LONGEST_NAME) : undefined;
    if (name === undefined || name.omitted > 0) omitted += 1;
    else items.push({ name: name.value, value });
  }
  return { items, omitted };
}

function instanceEntries(source: AttributeSource, object: Address, type: TypeFacts): Iterable<DictEntry> {
  const rule = managedRuleOf(source, type);
  if (rule !== undefined) return managedEntries(source, { object, type, rule });
  const place = dictPlace(source, object, type);
  return place === undefined ? [] : entriesOfDictAt(source, place);
}

/** How the instances of a type keep a dict that `tp_dictoffset` tells nothing of; `undefined` when it does. */
function managedRuleOf({ layout }: AttributeSource, { flags }: TypeFacts): ManagedRule | undefined {
  const rule = layout.rules.attributes;
  return rule.kind !== 'dictoffset' && hasFlag(flags, 2 ** rule.managedDictFlag) ? rule : undefined;
}

/** Finds the dict that the attributes of an instance are in; `undefined` as long as it has none. */
export function findAttributeDict(
  source: AttributeSource,
  object: Address,
  type: TypeFacts,
): Address | undefined {
  const rule = managedRuleOf(source, type);
  const place =
    rule === undefined ? dictPlace(source, object, type) : foreignOffset(object, rule.managedDict, 'object');
  return place === undefined ? undefined : readPointer(source.memory, place, '__dict__');
}

interface ManagedInstance {
  readonly object: Address;
  readonly type: TypeFacts;
  readonly rule: ManagedRule;
}

/** The values, if the instance still keeps them itself, else the dict that was made of them. */
function managedEntries(source: AttributeSource, instance: ManagedInstance): Iterable<DictEntry> {
  const { object, rule } = instance;
  const values = managedValues(source, instance);
  if (values === undefined) return entriesOfDictAt(source, foreignOffset(object, rule.managedDict, 'object'));
  const { layout, memory } = source;
  if (layout.type.htCachedKeys === undefined)
    throw new TypeError('a layout with managed dicts needs htCachedKeys');
  const keysPlace = foreignOffset(instance.type.address, layout.type.htCachedKeys, 'ht_cached_keys');
  const keys = readPointer(memory, keysPlace, 'ht_cached_keys');
  return keys === undefined ? [] : readSplitEntries(source, keys, values);
}

function managedValues(source: AttributeSource, instance: ManagedInstance): Address | undefined {
  const { object, type, rule } = instance;
  const { memory } = source;
  switch (rule.kind) {
    case 'values-and-dict-before':
      return rule.values === undefined
        ? undefined
        : readPointer(memory, foreignOffset(object, rule.values, 'object'), 'dict values');
    case 'tagged-before': {
      // An odd word is the address of the values, less one (_PyDictOrValues_GetValues(), 3.12).
      const word = readPointer(memory, foreignOffset(object, rule.managedDict, 'object'), 'dict or values');
      return word !== undefined && word % 2 === 1 ? foreignOffset(word, 1, 'dict values') : undefined;
    }
    case 'inline-after': {
      if (rule.inlineValuesFlag === undefined || !hasFlag(type.flags, 2 ** rule.inlineValuesFlag))
        return undefined;
      const values = foreignOffset(object, type.basicSize, 'inline values');
      const isValid = readStruct(memory, values, 8, 'inline values').u8(INLINE_VALUES_VALID) === 1;
      const dictPlace = foreignOffset(object, rule.managedDict, 'object');
      return isValid && readPointer(memory, dictPlace, '__dict__') === undefined ? values : undefined;
    }
    default:
      return rule.kind satisfies never;
  }
}

/** An instance has anything but a dict for its dict only when its memory is torn. */
function entriesOfDictAt(source: AttributeSource, place: Address): Iterable<DictEntry> {
  const dict = readPointer(source.memory, place, '__dict__');
  if (dict === undefined || !hasFlag(source.flags.of(readTypeAddress(source, dict)), TYPE_FLAGS.dictSubclass))
    return [];
  return readDictEntries(source, dict);
}

/** Where `tp_dictoffset` puts the dict pointer; a negative one counts from the end of an object of variable size. */
function dictPlace(source: AttributeSource, object: Address, type: TypeFacts): Address | undefined {
  const { dictOffset, basicSize, itemSize } = type;
  if (dictOffset === 0) return undefined;
  if (dictOffset > 0) return foreignOffset(object, dictOffset, 'tp_dictoffset');
  const itemCount = itemSize === 0 ? 0 : readItemCount(source, object, type);
  const end = Math.ceil((basicSize + itemSize * itemCount) / 8) * 8;
  return foreignOffset(object, end + dictOffset, 'tp_dictoffset');
}

function readItemCount(source: AttributeSource, object: Address, type: TypeFacts): number {
  const { memory, layout } = source;
  const size = readStruct(memory, object, layout.object.varSize + 8, 'PyVarObject').ssize(
    layout.object.varSize,
  );
  const isTaggedInt = layout.rules.longEncoding === 'lv_tag' && hasFlag(type.flags, TYPE_FLAGS.longSubclass);
  return isTaggedInt ? Math.floor(size / 8) : Math.abs(size);
}

/**
 * The members that `__slots__` makes lie one after the other behind those of the base class, in the order of
 * `ht_slots` (cpython/Objects/typeobject.c, type_new(), 2.7 and 3.6 to 3.15).
 */
function readSlotAttributes(source: AttributeSource, object: Address, type: TypeFacts): Attribute[] {
  const attributes: Attribute[] = [];
  for (const { names, offset } of slotGroups(source, type)) {
    const members = readStruct(
      source.memory,
      foreignOffset(object, offset, 'slots'),
      names.length * 8,
      'slots',
    );
    for (const [index, name] of names.entries()) {
      const value = members.pointer(index * 8);
      if (value !== undefined) attributes.push({ name, value });
    }
  }
  return attributes;
}

interface SlotGroup {
  readonly names: readonly string[];
  readonly offset: number;
}

/** The classes with slots of their own, along `tp_base`: a second base never has any. */
function slotGroups(source: AttributeSource, type: TypeFacts): readonly SlotGroup[] {
  const { memory, layout } = source;
  const groups: SlotGroup[] = [];
  let next: Address | undefined = type.address;
  for (let count = 0; next !== undefined && count < MOST_CLASSES; count += 1) {
    if (!hasFlag(source.flags.of(next), TYPE_FLAGS.heapType)) break;
    const base = readPointer(memory, foreignOffset(next, layout.type.base, 'tp_base'), 'tp_base');
    const slots = readPointer(memory, foreignOffset(next, layout.type.htSlots, 'ht_slots'), 'ht_slots');
    if (base !== undefined && slots !== undefined) {
      const place = foreignOffset(base, layout.type.basicSize, 'tp_basicsize');
      const offset = readStruct(memory, place, 8, 'tp_basicsize').ssize(0);
      groups.unshift({ names: readNames(source, slots), offset });
    }
    next = base;
  }
  return groups;
}

function readNames(source: AttributeSource, tuple: Address): readonly string[] {
  const { memory, layout } = source;
  const head = readStruct(memory, tuple, layout.tuple.items, 'ht_slots');
  const count = checkedLength(head, layout.tuple.size);
  if (count > MOST_SLOTS) throw head.fail(layout.tuple.size, `${count} slots are absurd`);
  const items = readStruct(
    memory,
    foreignOffset(tuple, layout.tuple.items, 'ht_slots'),
    count * 8,
    'ht_slots',
  );
  return Array.from({ length: count }, (_, index) =>
    readName(source, source.flags, items.requiredPointer(index * 8)),
  );
}
