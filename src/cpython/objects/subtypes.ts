import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { readStruct } from './foreign-struct.ts';
import { readTupleItems } from './sequences.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS } from './type-flags.ts';
import type { TypedObjects } from './typed-objects.ts';

/** A class deeper than this is not believed. */
const MOST_ANCESTORS = 1024;

/** The classes along the method resolution order of a class, itself first; old-style ones of Python 2 too. */
export function ancestorsOf(source: TypedObjects, type: Address): readonly Address[] {
  if (isClassicClass(source, type)) return classicAncestors(source, type);
  const { mro } = source.typeFacts(type);
  if (mro === undefined) return [type];
  const { items } = readTupleItems(source, mro, MOST_ANCESTORS);
  return items.filter((item) => item !== undefined);
}

/** Tells whether an object is a class: one of Python 3, or of either style of Python 2. */
export function isClass(source: TypedObjects, object: Address): boolean {
  const type = readTypeAddress(source, object);
  return hasFlag(source.flags.of(type), TYPE_FLAGS.typeSubclass) || isClassicClass(source, object);
}

/** Tells whether an object is one of Python 2's old-style classes. */
export function isClassicClass(source: TypedObjects, object: Address): boolean {
  return source.layout.class2 !== undefined && source.typeOf(object).name === 'classobj';
}

/** The namespace of a class; `undefined` for one made in C that keeps it elsewhere, as those of 3.12 and later do. */
export function namespaceOf(source: TypedObjects, type: Address): Address | undefined {
  const { class2 } = source.layout;
  if (class2 === undefined || !isClassicClass(source, type)) return source.typeFacts(type).dict;
  return readStruct(source.memory, type, class2.dict + 8, 'PyClassObject').pointer(class2.dict);
}

/** Depth first and left to right, as Python 2 looks attributes up. */
function classicAncestors(source: TypedObjects, type: Address): readonly Address[] {
  const { class2 } = source.layout;
  const found = new Set<Address>();
  const open = [type];
  for (let next = open.pop(); next !== undefined && found.size < MOST_ANCESTORS; next = open.pop()) {
    if (found.has(next) || class2 === undefined) continue;
    found.add(next);
    if (!isClassicClass(source, next)) continue;
    const bases = readStruct(source.memory, next, class2.bases + 8, 'PyClassObject').pointer(class2.bases);
    if (bases === undefined) continue;
    const { items } = readTupleItems(source, bases, MOST_ANCESTORS);
    open.push(...items.filter((item) => item !== undefined).toReversed());
  }
  return [...found];
}

/** Tells of each class whether it is another one, or derived from it; each is looked at once. */
export class Subtypes {
  readonly #source: TypedObjects;
  readonly #base: Address;
  readonly #known = new Map<Address, boolean>();

  constructor(source: TypedObjects, base: Address) {
    this.#source = source;
    this.#base = base;
  }

  /** A class that cannot be read is none. */
  has(type: Address): boolean {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const answer = this.#look(type);
    this.#known.set(type, answer);
    return answer;
  }

  #look(type: Address): boolean {
    return readIfSound(() => ancestorsOf(this.#source, type).includes(this.#base)) ?? false;
  }
}
