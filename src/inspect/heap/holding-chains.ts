import { type Address, offsetBy, toAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { Way } from '../../cpython/collector/reach.ts';
import { hasFlag, TYPE_FLAGS } from '../../cpython/objects/type-flags.ts';
import type { ChainRoot, ChainStep, HoldingChain } from '../../model/holding-chain.ts';
import type { HeldPlace } from '../../model/instance-report.ts';
import type { ObjectsOf } from '../../target/target.ts';
import { hasAttributesIn, isPlainDict } from './referrer-owners.ts';
import { placeIn } from './referrer-places.ts';

/** Of a longer way only so many of its first and its last objects are told. */
const FIRST_OBJECTS = 24;
const LAST_OBJECTS = 8;

/** Says of a way how each object of it is held by the one before. */
export function chainOf(target: ObjectsOf, { objects }: Way, root: ChainRoot): HoldingChain {
  const omitted = Math.max(0, objects.length - FIRST_OBJECTS - LAST_OBJECTS);
  const first = omitted === 0 ? objects : objects.slice(0, FIRST_OBJECTS);
  const last = omitted === 0 ? [] : objects.slice(-LAST_OBJECTS);
  const steps = stepsOf(target, first.map(toAddress));
  const known = knownRoot(target, root, steps) ?? root;
  // What a module holds are the names in the dict of its globals.
  const isDict = known !== root || root.kind === 'module';
  const named = isDict && steps.length > 1 ? steps.slice(1) : steps;
  return { root: known, steps: named, omitted, lastSteps: stepsOf(target, last.map(toAddress)) };
}

/** So many entries tell what a dict is for. */
const TELLING_ENTRIES = 32;

/** A dict that only CPython itself has may say by its entries what it is for. */
function knownRoot(target: ObjectsOf, root: ChainRoot, [first]: readonly ChainStep[]): ChainRoot | undefined {
  if (first === undefined || !['interpreter', 'unheld'].includes(root.kind)) return undefined;
  const { objects } = target;
  return readIfSound(() => {
    if (!isPlainDict(target, objects.typeOf(first.address).address)) return undefined;
    const entries = [...objects.dictEntries(first.address, TELLING_ENTRIES)];
    const areThemselves = entries.every(({ key, value }) => key === value && isInterned(target, key));
    if (areThemselves && entries.length === TELLING_ENTRIES) return { kind: 'interned' };
    const name = objects.lookUpString(first.address, '__name__');
    return name === undefined ? undefined : { kind: 'names', module: objects.readText(name) };
  });
}

/** Whether a str says that it is the only one of its characters; its state begins with that (3.3+). */
function isInterned({ objects }: ObjectsOf, object: Address): boolean {
  const { layout, memory } = objects;
  if (layout.unicode === undefined || !hasFlag(objects.typeOf(object).flags, TYPE_FLAGS.unicodeSubclass))
    return false;
  const state = memory.read(offsetBy(object, layout.unicode.state), 1)[0] ?? 0;
  return (state & INTERNED) !== 0;
}

/** `SSTATE_INTERNED_MORTAL` and the immortal ones, cpython/Include/cpython/unicodeobject.h. */
const INTERNED = 3;

function stepsOf(target: ObjectsOf, objects: readonly Address[]): readonly ChainStep[] {
  const steps: ChainStep[] = [];
  for (let at = 0; at < objects.length; at += 1) {
    const attribute = attributeAt(target, objects, at);
    if (attribute !== undefined) at += 1;
    const object = objects[at];
    const holder = objects[at - 1];
    if (object === undefined) break;
    const place = attribute ?? (holder === undefined ? undefined : placeIn(target, holder, object));
    steps.push({ typeName: typeNameAt(target, object), address: object, place });
  }
  return steps;
}

/** The attribute that the next object is, when this one is no more than the dict of attributes of the one before. */
function attributeAt(target: ObjectsOf, objects: readonly Address[], at: number): HeldPlace | undefined {
  const [holder, dict, value] = [objects[at - 1], objects[at], objects[at + 1]];
  if (holder === undefined || dict === undefined || value === undefined) return undefined;
  if (readIfSound(() => isDictOf(target, holder, dict)) !== true) return undefined;
  const place = placeIn(target, dict, value);
  return place?.kind === 'item' && place.key.kind === 'str'
    ? { kind: 'attribute', name: place.key.value }
    : undefined;
}

function isDictOf(target: ObjectsOf, holder: Address, dict: Address): boolean {
  const { objects } = target;
  return (
    isPlainDict(target, objects.typeOf(dict).address) &&
    placeIn(target, holder, dict) === undefined &&
    hasAttributesIn(target, holder, dict)
  );
}

function typeNameAt({ objects }: ObjectsOf, object: Address): string {
  return readIfSound(() => objects.typeOf(object).fullName) ?? 'object';
}
