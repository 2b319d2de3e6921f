import { type Address, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { holdingKindOf } from '../../cpython/collector/holding-kind.ts';
import { readFrame } from '../../cpython/frame-chain.ts';
import { findMemberName } from '../../cpython/objects/c-members.ts';
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
  return readIfSound(() => readPlace(target, holder, object));
}

function readPlace(target: ObjectsOf, holder: Address, object: Address): HeldPlace | undefined {
  const { objects } = target;
  const type = objects.typeOf(holder);
  if (type.name === 'cell') return undefined;
  switch (holdingKindOf(type)) {
    case 'frame':
      return placeInFrame(objects, objectFrameOf(objects, holder), object);
    case 'generator':
      return placeInFrame(objects, generatorFrameOf(objects, holder), object);
    case 'dict':
      return placeInDict(objects, holder, object);
    case 'list':
      return indexOf(readListItems(objects, holder, MOST_SEARCHED).items, object);
    default: {
      if (hasFlag(type.flags, TYPE_FLAGS.tupleSubclass))
        return indexOf(readTupleItems(objects, holder, MOST_SEARCHED).items, object);
      const name = objects.attributeName(holder, object) ?? memberName(objects, holder, object);
      return name === undefined ? undefined : { kind: 'attribute', name };
    }
  }
}

type Objects = ObjectsOf['objects'];

/** What the dict of its attributes is called says nothing of them. */
function memberName(objects: Objects, holder: Address, object: Address): string | undefined {
  const name = findMemberName(objects, holder, objects.typeOf(holder).address, object);
  return name === '__dict__' ? undefined : name;
}

/** A frame that no call runs: of a generator, or of a call that is over. */
function placeInFrame(
  objects: Objects,
  frameAddress: Address | undefined,
  object: Address,
): HeldPlace | undefined {
  if (frameAddress === undefined) return undefined;
  const { code: codeAddress } = readFrame(objects.memory, objects.layout, frameAddress);
  if (codeAddress === undefined) return undefined;
  const bound = readBoundNames(objects, { frameAddress, codeAddress });
  const name = bound.find((each) => each.object === object)?.name;
  return name === undefined ? undefined : { kind: 'variable', name };
}

/** From 3.11 on a frame is no object itself, but there is one that stands for it. */
function objectFrameOf({ layout, memory }: Objects, object: Address): Address | undefined {
  const { frameObject } = layout;
  return frameObject === undefined ? object : readPointer(memory, offsetBy(object, frameObject.frame));
}

/** To 3.10 the frame of a generator is an object of its own. */
function generatorFrameOf({ layout }: Objects, generator: Address): Address | undefined {
  const { inlineFrame } = layout.generator;
  return inlineFrame === undefined ? undefined : offsetBy(generator, inlineFrame);
}

function placeInDict(objects: Objects, dict: Address, object: Address): HeldPlace | undefined {
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
