import { type Address, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import { readBoundNames } from '../../cpython/objects/frame-variables.ts';
import { readListItems, readTupleItems } from '../../cpython/objects/sequences.ts';
import { hasFlag, TYPE_FLAGS } from '../../cpython/objects/type-flags.ts';
import { readPointer } from '../../cpython/runtime.ts';
import type { HeldPlace } from '../../model/instance-report.ts';
import type { ObjectsOf } from '../../target/target.ts';

/** A list or dict is searched for an object up to here. */
const MOST_SEARCHED = 100_000;

const KEY_BUDGET = { maxDepth: 2, maxItems: 10, maxCharacters: 100, maxObjects: 20 };

/** Tells where in an object another one is, as Python would write it; `undefined` when that is not known. */
export function placeIn(target: ObjectsOf, holder: Address, object: Address): HeldPlace | undefined {
  try {
    return readPlace(target, holder, object);
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}

function readPlace({ objects }: ObjectsOf, holder: Address, object: Address): HeldPlace | undefined {
  const { flags, name } = objects.typeOf(holder);
  if (name === 'cell') return undefined;
  if (name === 'frame') return placeInFrame(objects, holder, object);
  if (hasFlag(flags, TYPE_FLAGS.dictSubclass)) return placeInDict(objects, holder, object);
  if (hasFlag(flags, TYPE_FLAGS.listSubclass))
    return indexOf(readListItems(objects, holder, MOST_SEARCHED).items, object);
  if (hasFlag(flags, TYPE_FLAGS.tupleSubclass))
    return indexOf(readTupleItems(objects, holder, MOST_SEARCHED).items, object);
  const attribute = objects.attributeName(holder, object);
  return attribute === undefined ? undefined : { kind: 'attribute', name: attribute };
}

/** To 3.10, where the frame of a generator is an object that holds its variables. */
function placeInFrame(objects: ObjectsOf['objects'], frame: Address, object: Address): HeldPlace | undefined {
  const code = readPointer(objects.memory, offsetBy(frame, objects.layout.frame.code));
  if (code === undefined) return undefined;
  const bound = readBoundNames(objects, { frameAddress: frame, codeAddress: code });
  const name = bound.find((each) => each.object === object)?.name;
  return name === undefined ? undefined : { kind: 'variable', name };
}

function placeInDict(objects: ObjectsOf['objects'], dict: Address, object: Address): HeldPlace | undefined {
  for (const { key, value } of objects.dictEntries(dict, MOST_SEARCHED)) {
    if (value === object) return { kind: 'item', key: objects.view(key, KEY_BUDGET) };
    if (key === object) return { kind: 'key' };
  }
  return undefined;
}

function indexOf(items: readonly (Address | undefined)[], object: Address): HeldPlace | undefined {
  const index = items.indexOf(object);
  return index === -1 ? undefined : { kind: 'index', index };
}
