import type { Address } from '../../base/address.ts';
import { type DictEntry, readDictEntries } from './dict-entries.ts';
import { foreignOffset, type ObjectSource, readStruct } from './foreign-struct.ts';
import { readTextStart } from './names.ts';
import type { TypeFlags } from './type-flags.ts';

/** No namespace that we look into has more names; `sys.modules` of a large program has a few thousand. */
const MOST_ENTRIES = 100_000;

/** What to look for, and where. */
export interface DictQuery {
  readonly dict: Address;
  readonly keys: readonly string[];
}

/**
 * Finds the values of some string keys in one pass. It compares keys instead of hashing them, because the
 * target's hash is secret (PEP 456).
 */
export function findInDict(
  source: ObjectSource,
  flags: TypeFlags,
  query: DictQuery,
): ReadonlyMap<string, Address> {
  return findAmongEntries(source, flags, { entries: readDictEntries(source, query.dict), keys: query.keys });
}

/** What to look for, and among which entries. */
export interface EntryQuery {
  readonly entries: Iterable<DictEntry>;
  readonly keys: readonly string[];
}

/** Finds the values of some string keys among entries, in one pass. */
export function findAmongEntries(
  source: ObjectSource,
  flags: TypeFlags,
  { entries, keys }: EntryQuery,
): ReadonlyMap<string, Address> {
  const missing = new Set(keys);
  const lengths = new Set(keys.map((key) => [...key].length));
  const longest = Math.max(0, ...lengths);
  const found = new Map<string, Address>();
  let left = MOST_ENTRIES;
  for (const { key, value } of entries) {
    if (missing.size === 0 || left === 0) break;
    left -= 1;
    if (!lengths.has(lengthOf(source, key))) continue;
    const text = readTextStart(source, flags, key, longest);
    if (text === undefined || text.omitted > 0 || !missing.delete(text.value)) continue;
    found.set(text.value, value);
  }
  return found;
}

/** Reads the length that the key has if it is a string: enough to pass over nearly all, at a tenth of the cost. */
function lengthOf({ memory, layout }: ObjectSource, key: Address): number {
  const offset = layout.unicode?.length ?? layout.bytes.size;
  return readStruct(memory, foreignOffset(key, offset, 'key'), 8, 'length of a key').ssize(0);
}
