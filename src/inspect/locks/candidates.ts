import { type Address, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import { readStackWords } from '../../cpython/locks/value-stack.ts';
import { readBoundNames } from '../../cpython/objects/frame-variables.ts';
import type { Target } from '../../target/target.ts';

/** What a call works with: its variables, their attributes, and what is on its value stack. */
export function* candidatesIn({ objects }: Target, frame: RawFrame): Generator<Address> {
  if (frame.code === undefined) return;
  const place = { frameAddress: frame.address, codeAddress: frame.code };
  const bound = readIfSound(() => readBoundNames(objects, place)) ?? [];
  for (const { object } of bound) yield object;
  for (const word of readIfSound(() => readStackWords(objects, frame)) ?? []) {
    yield word;
    const self = readIfSound(() => readSelf(objects, word));
    if (self !== undefined) yield self;
  }
  for (const { object } of bound) {
    const attributes = readIfSound(() => objects.attributes(object, MOST_ATTRIBUTES).items) ?? [];
    for (const { value } of attributes) yield value;
  }
}

const MOST_ATTRIBUTES = 200;

/** What a function made in C is bound to. */
function readSelf(objects: Target['objects'], object: Address): Address | undefined {
  if (!objects.typeOf(object).builtInTypes.includes('builtin_function_or_method')) return undefined;
  const { self } = objects.layout.builtinMethod;
  return new StructView(objects.memory.read(offsetBy(object, self), 8), 'm_self').pointer(0);
}
