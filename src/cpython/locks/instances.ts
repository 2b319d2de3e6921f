import type { Address } from '../../base/address.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { readTupleItems } from '../objects/sequences.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS } from '../objects/type-flags.ts';

/** A class that an object is an instance of: its own, or an ancestor. */
export interface ClassOfObject {
  /** With its module: `threading.Condition`. */
  readonly name: string;
  readonly namespace: Address;
}

const MOST_ANCESTORS = 64;

/** Lists the classes of an object in the order in which Python looks for its methods, those of Python 2's old kind too. */
export function classesOf(objects: ObjectReader, object: Address): readonly ClassOfObject[] {
  const type = objects.typeOf(object);
  const old = oldInstance(objects, object);
  if (old !== undefined) return oldClasses(objects, old.class);
  if (type.mro === undefined) return [];
  return readTupleItems(objects, type.mro, MOST_ANCESTORS).items.flatMap((item) => {
    if (item === undefined || !isType(objects, item)) return [];
    const { fullName, dict } = objects.typeFacts(item);
    return dict === undefined ? [] : [{ name: fullName, namespace: dict }];
  });
}

/** What the class of an object is called, with its module. */
export function classNameOf(objects: ObjectReader, object: Address): string {
  const isOld = oldInstance(objects, object) !== undefined;
  return (isOld ? classesOf(objects, object)[0]?.name : undefined) ?? objects.typeNameOf(object);
}

/** Finds some attributes that an instance itself has. */
export function attributesOf(
  objects: ObjectReader,
  object: Address,
  names: readonly string[],
): ReadonlyMap<string, Address> {
  const old = oldInstance(objects, object);
  return old === undefined ? objects.findAttributes(object, names) : objects.lookUpStrings(old.dict, names);
}

/** Finds the name under which an instance has an object. */
export function attributeNameOf(
  objects: ObjectReader,
  instance: Address,
  object: Address,
): string | undefined {
  const old = oldInstance(objects, instance);
  return old === undefined ? objects.attributeName(instance, object) : objects.nameInDict(old.dict, object);
}

interface OldInstance {
  readonly class: Address;
  readonly dict: Address;
}

function oldInstance(objects: ObjectReader, object: Address): OldInstance | undefined {
  const { memory, layout } = objects;
  const offsets = layout.instance2;
  if (offsets === undefined || objects.typeOf(object).builtInTypes[0] !== 'instance') return undefined;
  const struct = readStruct(memory, object, Math.max(offsets.class, offsets.dict) + 8, 'PyInstanceObject');
  return { class: struct.requiredPointer(offsets.class), dict: struct.requiredPointer(offsets.dict) };
}

/** Depth first, left to right, as old classes inherit. */
function oldClasses(objects: ObjectReader, first: Address): readonly ClassOfObject[] {
  const { memory, layout } = objects;
  const offsets = layout.class2;
  if (offsets === undefined) return [];
  const found: ClassOfObject[] = [];
  const seen = new Set<Address>();
  const visit = (address: Address): void => {
    if (seen.has(address) || seen.size >= MOST_ANCESTORS || objects.typeNameOf(address) !== 'classobj')
      return;
    seen.add(address);
    const end = Math.max(offsets.name, offsets.bases, offsets.dict) + 8;
    const struct = readStruct(memory, address, end, 'PyClassObject');
    const namespace = struct.requiredPointer(offsets.dict);
    const module = objects.lookUpString(namespace, '__module__');
    const prefix = module === undefined ? '' : `${objects.readText(module)}.`;
    found.push({ name: `${prefix}${objects.readText(struct.requiredPointer(offsets.name))}`, namespace });
    const bases = readTupleItems(objects, struct.requiredPointer(offsets.bases), MOST_ANCESTORS).items;
    for (const base of bases) if (base !== undefined) visit(base);
  };
  visit(first);
  return found;
}

function isType(objects: ObjectReader, object: Address): boolean {
  return hasFlag(objects.flags.of(readTypeAddress(objects, object)), TYPE_FLAGS.typeSubclass);
}
