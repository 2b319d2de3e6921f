import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { readTupleItems } from './sequences.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS } from './type-flags.ts';
import type { TypeFacts } from './type-table.ts';
import type { TypedObjects } from './typed-objects.ts';

/** What a class of Python code says of itself in its namespace. */
export interface Traits {
  /** Made by `enum`: it has `_member_map_`. */
  readonly isEnum: boolean;
  /** `__dataclass_fields__`, in order. */
  readonly dataclassFields: readonly string[] | undefined;
  /** `_fields` of a named tuple. */
  readonly tupleFields: readonly string[] | undefined;
}

const NO_TRAITS: Traits = { isEnum: false, dataclassFields: undefined, tupleFields: undefined };
const ENUM_KEY = '_member_map_';
const DATACLASS_KEY = '__dataclass_fields__';
const NAMED_TUPLE_KEY = '_fields';
const KEYS = [ENUM_KEY, DATACLASS_KEY, NAMED_TUPLE_KEY];
const MOST_ANCESTORS = 64;
const MOST_FIELDS = 1000;

/** The traits of the target's classes, each looked up once along the method resolution order. */
export class ClassTraits {
  readonly #objects: TypedObjects;
  readonly #known = new Map<Address, Traits>();

  constructor(objects: TypedObjects) {
    this.#objects = objects;
  }

  forget(): void {
    this.#known.clear();
  }

  of(type: TypeFacts): Traits {
    if (!type.isHeapType) return NO_TRAITS;
    const known = this.#known.get(type.address);
    if (known !== undefined) return known;
    const traits = this.#read(type);
    this.#known.set(type.address, traits);
    return traits;
  }

  /** A class whose namespace is torn still has instances to show, as plain ones. */
  #read(type: TypeFacts): Traits {
    return readIfSound(() => this.#readFrom(this.#findValues(type))) ?? NO_TRAITS;
  }

  #readFrom(values: ReadonlyMap<string, Address>): Traits {
    const fields = values.get(DATACLASS_KEY);
    const tuple = values.get(NAMED_TUPLE_KEY);
    return {
      isEnum: values.has(ENUM_KEY),
      dataclassFields: fields === undefined ? undefined : this.#keysOf(fields),
      tupleFields: tuple === undefined ? undefined : this.#namesIn(tuple),
    };
  }

  /** The nearest class that has a key wins, as for any attribute. */
  #findValues(type: TypeFacts): ReadonlyMap<string, Address> {
    const values = new Map<string, Address>();
    for (const ancestor of this.#ancestors(type)) {
      if (!ancestor.isHeapType || ancestor.dict === undefined) continue;
      for (const [key, value] of this.#objects.lookUpStrings(ancestor.dict, KEYS))
        if (!values.has(key)) values.set(key, value);
    }
    return values;
  }

  #ancestors(type: TypeFacts): readonly TypeFacts[] {
    if (type.mro === undefined) return [type];
    const { items } = readTupleItems(this.#objects, type.mro, MOST_ANCESTORS);
    return items.flatMap((item) =>
      item === undefined || !this.#isClass(item) ? [] : [this.#objects.typeFacts(item)],
    );
  }

  /** Python 2's old-style classes may be among the bases of a new one. */
  #isClass(object: Address): boolean {
    const flags = this.#objects.flags.of(readTypeAddress(this.#objects, object));
    return hasFlag(flags, TYPE_FLAGS.typeSubclass);
  }

  #keysOf(dict: Address): readonly string[] | undefined {
    const flags = this.#objects.flags.of(readTypeAddress(this.#objects, dict));
    if (!hasFlag(flags, TYPE_FLAGS.dictSubclass)) return undefined;
    return [...this.#objects.dictEntries(dict, MOST_FIELDS)].map(({ key }) => this.#objects.readText(key));
  }

  #namesIn(tuple: Address): readonly string[] | undefined {
    const flags = this.#objects.flags.of(readTypeAddress(this.#objects, tuple));
    if (!hasFlag(flags, TYPE_FLAGS.tupleSubclass)) return undefined;
    const { items } = readTupleItems(this.#objects, tuple, MOST_FIELDS);
    return items.flatMap((item) => (item === undefined ? [] : [this.#objects.readText(item)]));
  }
}
