import { type Address, isAddress } from '../../base/address.ts';
import type { StructView } from '../../base/struct-view.ts';
import type { DictKeysLayout } from '../layouts/layout.ts';
import { foreignOffset, type ObjectSource, readStruct } from './foreign-struct.ts';

/** A key and what it is mapped to, neither of them looked at yet. */
export interface DictEntry {
  readonly key: Address;
  readonly value: Address;
}

/** Slots looked at in one table, live or not: 100 times what a module's namespace has. */
const MOST_SLOTS = 1_000_000;
const SLOTS_PER_READ = 512;
/** `DICT_KEYS_GENERAL`: entries that keep the hash, in front of key and value. */
const GENERAL_KEYS = 0;

/**
 * Yields the entries of a `dict` in its own order: that of insertion from 3.6 on.
 * Ends early, without an error, after a million slots.
 */
export function* readDictEntries(source: ObjectSource, dict: Address): Generator<DictEntry> {
  const { memory, layout } = source;
  const offsets = layout.dict;
  const object = readStruct(memory, dict, lastOffset(offsets) + 8, 'PyDictObject');
  if (offsets.table !== undefined && offsets.mask !== undefined) {
    const slotCount = object.ssize(offsets.mask) + 1;
    yield* readOpenTable(source, object.requiredPointer(offsets.table), slotCount);
    return;
  }
  if (offsets.keys === undefined || offsets.values === undefined)
    throw new TypeError('a layout of dict needs keys and values, or table and mask');
  const keys = object.requiredPointer(offsets.keys);
  const values = object.pointer(offsets.values);
  if (values === undefined) yield* readCombinedEntries(source, keys);
  else yield* readSplitEntries(source, keys, values);
}

/** Reads how many entries a `dict` says that it has. */
export function readDictLength(source: ObjectSource, dict: Address): number {
  const { memory, layout } = source;
  const object = readStruct(memory, dict, lastOffset(layout.dict) + 8, 'PyDictObject');
  const used = object.ssize(layout.dict.used);
  if (used < 0 || used >= 2 ** 47) throw object.fail(layout.dict.used, `a length of ${used} is absurd`);
  return used;
}

function lastOffset(offsets: ObjectSource['layout']['dict']): number {
  return Math.max(
    offsets.used,
    offsets.keys ?? 0,
    offsets.values ?? 0,
    offsets.mask ?? 0,
    offsets.table ?? 0,
  );
}

/** Python 2: hash, key and value in every slot of an open addressing table; a slot without a value is free. */
function* readOpenTable(source: ObjectSource, table: Address, slotCount: number): Generator<DictEntry> {
  for (const slots of readSlots(source, { start: table, count: slotCount, sizeBytes: 24 })) {
    for (let at = 0; at < slots.sizeBytes; at += 24) {
      const value = slots.pointer(at + 16);
      if (value !== undefined) yield { key: slots.requiredPointer(at + 8), value };
    }
  }
}

/** Keys and values in one table, in the order of insertion; a deleted entry has no value. */
function* readCombinedEntries(source: ObjectSource, keys: Address): Generator<DictEntry> {
  const table = readKeysTable(source, keys);
  const { sizeBytes, keyOffset, valueOffset } = table;
  for (const slots of readSlots(source, table)) {
    for (let at = 0; at < slots.sizeBytes; at += sizeBytes) {
      const value = slots.pointer(at + valueOffset);
      if (value !== undefined) yield { key: slots.requiredPointer(at + keyOffset), value };
    }
  }
}

/**
 * Yields the entries of keys that instances share and the values of one of them. The values know in which order
 * they were set (3.11+); before that they were always set in the order of the keys, for a dict that would
 * differ stops sharing (cpython/Objects/dictobject.c, insertdict(), 3.6 to 3.10).
 */
export function* readSplitEntries(
  source: ObjectSource,
  keys: Address,
  values: Address,
): Generator<DictEntry> {
  const table = readKeysTable(source, keys);
  const { memory } = source;
  const shared = readStruct(memory, table.start, table.count * table.sizeBytes, 'shared keys');
  const first = foreignOffset(values, source.layout.rules.splitValues.values, 'dict values');
  const held = readStruct(memory, first, table.count * 8, 'dict values');
  for (const index of insertionOrder(source, values, table.count)) {
    const value = held.pointer(index * 8);
    const key = shared.pointer(index * table.sizeBytes + table.keyOffset);
    if (value !== undefined && key !== undefined) yield { key, value };
  }
}

/**
 * The indices of the values that are set. In 3.11 and 3.12 the two bytes below the values count them and the
 * room for them, and the order goes downwards from there; from 3.13 on the head counts them. An order that cannot
 * be is torn: then that of the keys must do.
 */
function insertionOrder(source: ObjectSource, values: Address, count: number): readonly number[] {
  const { memory } = source;
  const { order, values: headBytes } = source.layout.rules.splitValues;
  const byKeys = Array.from({ length: count }, (_, index) => index);
  switch (order) {
    case 'of-keys':
      return byKeys;
    case 'bytes-below': {
      const sizes = foreignOffset(values, -2, 'dict values');
      const used = readStruct(memory, sizes, 2, 'sizes of dict values').u8(0);
      const indices = readStruct(memory, foreignOffset(sizes, -used, 'dict values'), used, 'order of values');
      return checkedOrder([...indices.bytes].reverse(), byKeys);
    }
    case 'bytes-behind': {
      const head = readStruct(memory, values, headBytes, 'dict values');
      const start = foreignOffset(values, headBytes + head.u8(0) * 8, 'dict values');
      return checkedOrder([...readStruct(memory, start, head.u8(1), 'order of values').bytes], byKeys);
    }
    default:
      return order satisfies never;
  }
}

function checkedOrder(order: readonly number[], byKeys: readonly number[]): readonly number[] {
  const isSound = new Set(order).size === order.length && order.every((index) => index < byKeys.length);
  return isSound ? order : byKeys;
}

interface SlotTable {
  readonly start: Address;
  readonly count: number;
  readonly sizeBytes: number;
}

interface KeysTable extends SlotTable {
  readonly keyOffset: number;
  readonly valueOffset: number;
}

function readKeysTable(source: ObjectSource, keys: Address): KeysTable {
  const offsets = source.layout.dictKeys;
  if (offsets === undefined) throw new TypeError('a layout of Python 3 needs dictKeys');
  const head = readStruct(source.memory, keys, offsets.indices, 'PyDictKeysObject');
  const { capacity, indexBytes } = readIndexSize(head, offsets);
  const count = head.ssize(offsets.entryCount);
  if (count < 0 || count > capacity)
    throw head.fail(offsets.entryCount, `${count} entries do not fit ${capacity}`);
  const isGeneral = offsets.kind === undefined || head.u8(offsets.kind) === GENERAL_KEYS;
  const start = foreignOffset(keys, offsets.indices + indexBytes, 'PyDictKeysObject');
  return isGeneral
    ? { start, count, sizeBytes: 24, keyOffset: 8, valueOffset: 16 }
    : { start, count, sizeBytes: 16, keyOffset: 0, valueOffset: 8 };
}

/** The index table lies between the head and the entries; its cells are as wide as its size needs. */
function readIndexSize(head: StructView, offsets: DictKeysLayout): { capacity: number; indexBytes: number } {
  if (offsets.log2IndexBytes !== undefined) {
    const log2Size = head.u8(offsets.size);
    const log2IndexBytes = head.u8(offsets.log2IndexBytes);
    if (log2Size > 40 || log2IndexBytes > 43) throw head.fail(offsets.size, `2^${log2Size} slots are absurd`);
    return { capacity: 2 ** log2Size, indexBytes: 2 ** log2IndexBytes };
  }
  const capacity = head.ssize(offsets.size);
  if (capacity < 0 || capacity > 2 ** 40) throw head.fail(offsets.size, `${capacity} slots are absurd`);
  if (capacity <= 0xff) return { capacity, indexBytes: capacity };
  if (capacity <= 0xffff) return { capacity, indexBytes: capacity * 2 };
  return { capacity, indexBytes: capacity * (capacity <= 0xffff_ffff ? 4 : 8) };
}

/** Copies a table piece by piece, each of whole slots. */
function* readSlots(source: ObjectSource, table: SlotTable): Generator<StructView> {
  const { start, sizeBytes } = table;
  const count = Math.min(table.count, MOST_SLOTS);
  for (let done = 0; done < count; done += SLOTS_PER_READ) {
    const at = start + done * sizeBytes;
    if (!isAddress(at)) return;
    yield readStruct(source.memory, at, Math.min(SLOTS_PER_READ, count - done) * sizeBytes, 'dict entries');
  }
}
