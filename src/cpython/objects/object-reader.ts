import type { Address } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfMapped } from '../../base/read-if-sound.ts';
import type { ObjectView } from '../../model/object-view.ts';
import type { Layout } from '../layouts/layout.ts';
import {
  type Attributes,
  findAttributeDict,
  findAttributeOf,
  findAttributes,
  findNameOf,
  findSlot,
  readAttributes,
  readDictAttributes,
} from './attributes.ts';
import { ClassTraits } from './class-traits.ts';
import { type DictEntry, readDictEntries } from './dict-entries.ts';
import { findInDict } from './dict-lookup.ts';
import { readInteger } from './integers.ts';
import { MeteredMemory } from './metered-memory.ts';
import { LONGEST_NAME, readName } from './names.ts';
import { readTypeAddress, TypeFlags } from './type-flags.ts';
import { type TypeFacts, TypeTable } from './type-table.ts';
import { DEFAULT_VIEW_BUDGET, mostReads, type ViewBudget } from './view-budget.ts';
import { buildView } from './view-builder.ts';
import type { ViewSource } from './viewer.ts';

/** What a target's memory and layout do not tell. */
export interface ObjectReaderOptions {
  /** See `ObjectSource`; 4 unless told. */
  readonly python2UnicodeBytes?: 2 | 4;
}

/**
 * Reads Python objects of one target. It remembers the target's types until it is told to forget them: a
 * target that ran meanwhile may have freed a class and put another object in its place.
 */
export class ObjectReader implements ViewSource {
  readonly memory: MeteredMemory;
  readonly layout: Layout;
  readonly python2UnicodeBytes: 2 | 4;
  /** Flags of types, checked to be types. */
  readonly flags: TypeFlags;
  /** What the classes of Python code say of themselves. */
  readonly traits: ClassTraits;
  readonly #types: TypeTable;

  constructor(memory: Memory, layout: Layout, options: ObjectReaderOptions = {}) {
    this.memory = new MeteredMemory(memory);
    this.layout = layout;
    this.python2UnicodeBytes = options.python2UnicodeBytes ?? 4;
    this.flags = new TypeFlags(this);
    this.#types = new TypeTable(this, this.flags);
    this.traits = new ClassTraits(this);
  }

  /** Forgets the types: to be called before each look at a target that ran since the last one. */
  forget(): void {
    this.flags.forget();
    this.traits.forget();
    this.#types.forget();
  }

  /**
   * Reads a whole string of any kind: a name, a path. Python 2's `str` is taken for UTF-8.
   * @throws {MalformedInputError} for what is not a string, and for one of more than `maxLength` code points
   */
  readText(address: Address, maxLength: number = LONGEST_NAME): string {
    return readName(this, this.flags, address, maxLength);
  }

  /** Reads an `int`, or Python 2's `long`. */
  readInteger(address: Address): bigint {
    return readInteger(this, this.flags, address);
  }

  /** Reads the facts of a type that is known by its address. */
  typeFacts(type: Address): TypeFacts {
    return this.#types.facts(type);
  }

  /** Reads the type of an object. */
  typeOf(object: Address): TypeFacts {
    return this.#types.facts(readTypeAddress(this, object));
  }

  /** Reads the name of an object's type as Python's repr shows it: `package.Thing`, `list`. */
  typeNameOf(object: Address): string {
    return this.typeOf(object).fullName;
  }

  /**
   * Reads the name of an object's type; `undefined` for a type that is there while its name is not, as in a core file
   * without the file that the name lies in.
   * @throws {MalformedInputError} when the object has no type
   */
  typeNameIfReadable(object: Address): string | undefined {
    const type = readTypeAddress(this, object);
    this.flags.of(type);
    return readIfMapped(() => this.#types.facts(type).fullName);
  }

  /** Yields up to `limit` entries of a dict, in its own order. */
  *dictEntries(dict: Address, limit: number): Generator<DictEntry> {
    let left = limit;
    for (const entry of readDictEntries(this, dict)) {
      if (left <= 0) return;
      left -= 1;
      yield entry;
    }
  }

  /** Finds the value of a string key. */
  lookUpString(dict: Address, key: string): Address | undefined {
    return this.lookUpStrings(dict, [key]).get(key);
  }

  /** Finds the values of several string keys in one pass over the dict. */
  lookUpStrings(dict: Address, keys: readonly string[]): ReadonlyMap<string, Address> {
    return findInDict(this, this.flags, { dict, keys });
  }

  /** Finds some of an instance's attributes by name, which is quicker than reading all of them. */
  findAttributes(object: Address, names: readonly string[]): ReadonlyMap<string, Address> {
    return findAttributes(this, object, this.typeOf(object), names);
  }

  /** Finds an attribute of an instance, in its slots or in its dict. */
  findAttribute(object: Address, name: string): Address | undefined {
    const inDict = findAttributes(this, object, this.typeOf(object), [name]).get(name);
    return inDict ?? findSlot(this, object, this.typeOf(object), name);
  }

  /** Reads the string keys of a dict, as far as they are names. */
  namesIn(dict: Address, limit: number): readonly string[] {
    return readDictAttributes(this, readDictEntries(this, dict), limit).items.map(({ name }) => name);
  }

  /** Finds the name of the attribute of an instance that is an object. */
  attributeName(instance: Address, object: Address): string | undefined {
    return findAttributeOf(this, instance, this.typeOf(instance), object);
  }

  /** Finds the dict that the attributes of an instance are in; `undefined` as long as it has none. */
  attributeDict(instance: Address): Address | undefined {
    return findAttributeDict(this, instance, this.typeOf(instance));
  }

  /** Finds the name under which a dict has an object. */
  nameInDict(dict: Address, object: Address): string | undefined {
    return findNameOf(this, readDictEntries(this, dict), object);
  }

  /** Reads up to `limit` attributes of an instance: those in slots, then those of its dict. */
  attributes(object: Address, limit = 1000): Attributes {
    return readAttributes(this, object, this.typeOf(object), limit);
  }

  /**
   * Reads an object and what it holds, as far as the budget goes. What cannot be read is a node of the tree.
   * @throws {ProcessExitedError} and others that concern more than one object
   */
  view(address: Address, budget: ViewBudget = DEFAULT_VIEW_BUDGET): ObjectView {
    return this.memory.limited(mostReads(budget), () => buildView(this, address, budget));
  }
}
