import type { Address } from '../../base/address.ts';
import type { StructView } from '../../base/struct-view.ts';
import { foreignOffset, type ObjectSource, readStruct } from './foreign-struct.ts';
import { checkedLength, readBytes } from './text.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS, type TypeFlags } from './type-flags.ts';

/** Items of a container, perhaps only the first of them; `undefined` where there is NULL. */
export interface Items {
  readonly items: readonly (Address | undefined)[];
  readonly omitted: number;
}

/** Reads the first items of a tuple. */
export function readTupleItems(source: ObjectSource, tuple: Address, limit: number): Items {
  const { memory, layout } = source;
  const head = readStruct(memory, tuple, layout.tuple.size + 8, 'PyTupleObject');
  const length = checkedLength(head, layout.tuple.size);
  return readPointers(source, foreignOffset(tuple, layout.tuple.items, 'PyTupleObject'), length, limit);
}

/** Reads the first items of a list. An empty one may have no storage. */
export function readListItems(source: ObjectSource, list: Address, limit: number): Items {
  const { memory, layout } = source;
  const sizeBytes = Math.max(layout.list.size, layout.list.items) + 8;
  const head = readStruct(memory, list, sizeBytes, 'PyListObject');
  const length = checkedLength(head, layout.list.size);
  if (length === 0) return { items: [], omitted: 0 };
  return readPointers(source, head.requiredPointer(layout.list.items), length, limit);
}

function readPointers(source: ObjectSource, start: Address, length: number, limit: number): Items {
  const shown = Math.min(length, limit);
  const items: (Address | undefined)[] = [];
  // Piece by piece, as a cache of pages keeps no large reads.
  for (let done = 0; done < shown; done += POINTERS_PER_READ) {
    const count = Math.min(POINTERS_PER_READ, shown - done);
    const struct = readStruct(source.memory, foreignOffset(start, done * 8, 'items'), count * 8, 'items');
    for (let index = 0; index < count; index += 1) items.push(struct.pointer(index * 8));
  }
  return { items, omitted: length - shown };
}

const POINTERS_PER_READ = 1024;

/** What sets are read with. */
export interface SetSource extends ObjectSource {
  readonly flags: TypeFlags;
}

/** More slots than this are not searched for the items of one set. */
const MOST_SLOTS = 1_000_000;
const SLOTS_PER_READ = 512;

/** Reads items of a set or frozenset, in the order of its table, which is that of iteration. */
export function readSetItems(source: SetSource, set: Address, limit: number): Items {
  const { memory, layout } = source;
  const { used, mask, table, entrySize } = layout.set;
  const head = readStruct(memory, set, Math.max(used, mask, table) + 8, 'PySetObject');
  const length = checkedLength(head, used);
  const slotCount = Math.min(checkedLength(head, mask) + 1, MOST_SLOTS);
  const start = head.requiredPointer(table);
  const wanted = Math.min(length, limit);
  const items: Address[] = [];
  for (let done = 0; done < slotCount && items.length < wanted; done += SLOTS_PER_READ) {
    const count = Math.min(SLOTS_PER_READ, slotCount - done);
    const at = foreignOffset(start, done * entrySize, 'set table');
    const slots = readStruct(memory, at, count * entrySize, 'set table');
    for (const key of liveKeys(source, slots)) if (items.length < wanted) items.push(key);
  }
  return { items, omitted: length - items.length };
}

/** A removed item leaves a placeholder with a hash of -1, which no object has, from Python 3 on. */
function* liveKeys(source: SetSource, slots: StructView): Generator<Address> {
  const { entrySize, entryKey, entryHash } = source.layout.set;
  for (let at = 0; at < slots.sizeBytes; at += entrySize) {
    const key = slots.pointer(at + entryKey);
    if (key !== undefined && slots.i64(at + entryHash) !== -1n && !isPython2Dummy(source, key)) yield key;
  }
}

/** Python 2 keeps the hash of a removed item and puts this string in its place (cpython/Objects/setobject.c, 2.7). */
const PYTHON2_DUMMY = '<dummy key>';

function isPython2Dummy(source: SetSource, key: Address): boolean {
  if (source.layout.unicode2 === undefined) return false;
  if (!hasFlag(source.flags.of(readTypeAddress(source, key)), TYPE_FLAGS.bytesSubclass)) return false;
  const { value, omitted } = readBytes(source, key, PYTHON2_DUMMY.length);
  return omitted === 0 && Buffer.from(value).toString('latin1') === PYTHON2_DUMMY;
}

/** Where a deque keeps its items. */
export type DequeLayout = NonNullable<ObjectSource['layout']['deque']>;

/** What deques are read with. */
export interface DequeSource extends ObjectSource {
  readonly deque: DequeLayout;
}

/** Reads the first items of a `collections.deque`: a chain of blocks, the first of them used from `leftindex` on. */
export function readDequeItems(source: DequeSource, address: Address, limit: number): Items {
  const { memory, layout } = source;
  const { leftBlock, leftIndex, blockSizeBytes, blockNext, blockData } = source.deque;
  const head = readStruct(memory, address, Math.max(leftBlock, leftIndex) + 8, 'dequeobject');
  const length = checkedLength(head, layout.object.varSize);
  const wanted = Math.min(length, limit);
  // A block is its items and two links.
  const blockItems = (blockSizeBytes - 16) / 8;
  const items: (Address | undefined)[] = [];
  let index = checkedLength(head, leftIndex);
  let next = length === 0 ? undefined : head.requiredPointer(leftBlock);
  while (next !== undefined && items.length < wanted) {
    const block = readStruct(memory, next, blockSizeBytes, 'deque block');
    if (index >= blockItems) throw head.fail(leftIndex, `an index of ${index} is outside its block`);
    for (; index < blockItems && items.length < wanted; index += 1)
      items.push(block.pointer(blockData + index * 8));
    index = 0;
    // The links at the ends of the chain are not initialised.
    next = items.length < wanted ? block.requiredPointer(blockNext) : undefined;
  }
  return { items, omitted: length - items.length };
}
