import { type Address, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { readPointer } from './foreign-struct.ts';
import type { TypedObjects } from './typed-objects.ts';

/** Finds the one `None` by its name among the builtins; `undefined` while an interpreter is still being made. */
export function findNone(objects: TypedObjects, interpreter: Address): Address | undefined {
  const { memory, layout } = objects;
  return readIfSound(() => {
    const builtins = readPointer(memory, offsetBy(interpreter, layout.interpreter.builtins), 'builtins');
    return builtins === undefined ? undefined : objects.lookUpString(builtins, 'None');
  });
}
