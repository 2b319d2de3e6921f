import type { Address } from '../../base/address.ts';
import type { DictEntry } from './dict-entries.ts';
import type { ObjectSource } from './foreign-struct.ts';
import type { TypeFlags } from './type-flags.ts';
import type { TypeFacts } from './type-table.ts';

/** Objects of a target whose types are known, and the texts and namespaces among them. */
export interface TypedObjects extends ObjectSource {
  readonly flags: TypeFlags;
  /** Reads the facts of a type that is known by its address. */
  typeFacts(type: Address): TypeFacts;
  /** Reads the type of an object. */
  typeOf(object: Address): TypeFacts;
  /** Reads a whole string of any kind. */
  readText(address: Address): string;
  /** Yields up to `limit` entries of a dict, in its own order. */
  dictEntries(dict: Address, limit: number): Iterable<DictEntry>;
  /** Finds the value of a string key. */
  lookUpString(dict: Address, key: string): Address | undefined;
  /** Finds the values of several string keys in one pass over the dict. */
  lookUpStrings(dict: Address, keys: readonly string[]): ReadonlyMap<string, Address>;
}
