import { type Address, offsetBy } from '../base/address.ts';
import { NoSuchNameError } from '../base/errors.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import { findModule, moduleNames } from '../cpython/modules.ts';
import { readPointer } from '../cpython/objects/foreign-struct.ts';
import type { ObjectReader } from '../cpython/objects/object-reader.ts';
import { ancestorsOf, isClass, namespaceOf } from '../cpython/objects/subtypes.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';

/** A module that was found by its name. */
export interface FoundModule {
  readonly name: string;
  readonly interpreterId: number;
  readonly interpreter: Address;
  readonly object: Address;
}

/** An object that was found by the names that lead to it. */
export interface NamedObject {
  readonly object: Address;
  /** The class that has it, where that is a base of the one that was named. */
  readonly foundIn: Address | undefined;
}

/** More names than this are not listed when one is not found. */
const MOST_NAMES = 10_000;

/**
 * Finds a loaded module, first in the main interpreter.
 * @throws {NoSuchNameError} when none has it, with the names of those that are loaded
 */
export function findLoadedModule(target: Target, name: string): FoundModule {
  const { memory, runtime, objects } = target;
  const problems: Problem[] = [];
  const names = new Set<string>();
  // CPython lists the main interpreter last.
  for (const { facts } of readInterpreters(memory, runtime, problems).toReversed()) {
    const object = findModule(objects, facts.address, name);
    if (object !== undefined) return { name, interpreterId: facts.id, interpreter: facts.address, object };
    for (const module of moduleNames(objects, facts.address)) names.add(module.name);
  }
  throw new NoSuchNameError(`module ${name}`, `it is not loaded in process ${target.pid}`, name, [...names]);
}

/**
 * Follows names from a module: to its globals, to attributes of classes along their bases, to those of instances. Nothing
 * is computed: a property is found as such.
 * @throws {NoSuchNameError} for a name that is not there, with those that are
 */
export function findNamed(objects: ObjectReader, module: FoundModule, path: readonly string[]): NamedObject {
  let found: NamedObject = { object: module.object, foundIn: undefined };
  let place = `module ${module.name}`;
  for (const name of path) {
    const next = attributeOf(objects, found.object, name);
    if (next === undefined)
      throw new NoSuchNameError(
        `${name} in ${place}`,
        'it has no such name of its own',
        name,
        namesIn(objects, found.object),
      );
    found = next;
    place = `${place.replace(/^module /u, '')}.${name}`;
  }
  return found;
}

function attributeOf(objects: ObjectReader, object: Address, name: string): NamedObject | undefined {
  if (isClass(objects, object)) return attributeOfClass(objects, object, name);
  const { own, type } = ownAttribute(objects, object, name);
  const ofClass = attributeOfClass(objects, type, name);
  // A property wins over what the instance has under its name.
  if (own !== undefined && !(ofClass !== undefined && isData(objects, ofClass.object)))
    return { object: own, foundIn: undefined };
  return ofClass === undefined ? undefined : { ...ofClass, foundIn: ofClass.foundIn ?? type };
}

/** What an instance itself has, and its class: also of Python 2's old-style ones, which keep both on their own. */
function ownAttribute(
  objects: ObjectReader,
  object: Address,
  name: string,
): { readonly own: Address | undefined; readonly type: Address } {
  const type = objects.typeOf(object);
  const { instance2 } = objects.layout;
  if (instance2 === undefined || type.name !== 'instance')
    return { own: objects.findAttribute(object, name), type: type.address };
  const classic = readPointer(objects.memory, offsetBy(object, instance2.class), 'in_class');
  const dict = readPointer(objects.memory, offsetBy(object, instance2.dict), 'in_dict');
  return {
    own: dict === undefined ? undefined : objects.lookUpString(dict, name),
    type: classic ?? type.address,
  };
}

function isData(objects: ObjectReader, object: Address): boolean {
  return objects.typeOf(object).builtInTypes.includes('property');
}

function attributeOfClass(objects: ObjectReader, type: Address, name: string): NamedObject | undefined {
  for (const ancestor of ancestorsOf(objects, type)) {
    const namespace = namespaceOf(objects, ancestor);
    const object = namespace === undefined ? undefined : objects.lookUpString(namespace, name);
    if (object !== undefined) return { object, foundIn: ancestor === type ? undefined : ancestor };
  }
  return undefined;
}

/** The names that an object has, a class with those of its bases; none where they cannot be read. */
export function namesIn(objects: ObjectReader, object: Address): readonly string[] {
  return readIfSound(() => readNamesIn(objects, object)) ?? [];
}

function readNamesIn(objects: ObjectReader, object: Address): readonly string[] {
  if (!isClass(objects, object)) return objects.attributes(object, MOST_NAMES).items.map(({ name }) => name);
  return ancestorsOf(objects, object).flatMap((ancestor) => {
    const namespace = namespaceOf(objects, ancestor);
    return namespace === undefined ? [] : objects.namesIn(namespace, MOST_NAMES);
  });
}

/** How a class is called, with its module. */
export function classNameOf({ objects }: Target, type: Address): string {
  const view = objects.view(type);
  return view.kind === 'class' ? view.name : objects.typeNameOf(type);
}
