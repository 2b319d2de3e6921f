import { type Address, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import { attributeNameOf, classNameOf } from '../../cpython/locks/instances.ts';
import { readBoundNames } from '../../cpython/objects/frame-variables.ts';
import { readPointer } from '../../cpython/runtime.ts';
import type { ObjectName } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';

/** How far out a name is looked for: the library's own calls, and the few of the program that led there. */
const MOST_FRAMES = 8;

/**
 * Finds how a program gets at an object, from where a thread stands: as a global, as an attribute of something that a
 * variable is bound to, or as a variable itself. The first two are the same wherever a reader looks.
 */
export function nameOfObject(
  target: Target,
  frames: readonly RawFrame[],
  object: Address,
): ObjectName | undefined {
  let local: ObjectName | undefined;
  for (const frame of frames.slice(0, MOST_FRAMES)) {
    const found = readIfSound(() => nameInFrame(target, frame, object));
    if (found?.isLocal === false) return found;
    local ??= found;
  }
  return local;
}

function nameInFrame(target: Target, frame: RawFrame, object: Address): ObjectName | undefined {
  const { objects } = target;
  if (frame.code === undefined) return undefined;
  const global = globalName(target, frame, object);
  if (global !== undefined) return { path: global, of: undefined, isLocal: false };
  const bound = readBoundNames(objects, { frameAddress: frame.address, codeAddress: frame.code });
  for (const { name, object: holder } of bound) {
    if (holder === object) continue;
    const attribute = readIfSound(() => attributeNameOf(objects, holder, object));
    if (attribute === undefined) continue;
    const of = { typeName: classNameOf(objects, holder), address: holder };
    return { path: `${name}.${attribute}`, of, isLocal: false };
  }
  const variable = bound.find((each) => each.object === object && !isNoName(each.name));
  return variable && { path: variable.name, of: undefined, isLocal: true };
}

/** What methods call what they are called on is said of every object. */
function isNoName(variable: string): boolean {
  return variable === 'self' || variable === 'cls';
}

/** `A` of the main program, `bank.A` of any other module. */
function globalName(
  { objects, memory, runtime }: Target,
  frame: RawFrame,
  object: Address,
): string | undefined {
  const globals = readPointer(memory, offsetBy(frame.address, runtime.layout.frame.globals));
  if (globals === undefined) return undefined;
  const name = objects.nameInDict(globals, object);
  if (name === undefined) return undefined;
  const module = readIfSound(() => {
    const value = objects.lookUpString(globals, '__name__');
    return value === undefined ? undefined : objects.readText(value);
  });
  return module === undefined || module === '__main__' ? name : `${module}.${name}`;
}
