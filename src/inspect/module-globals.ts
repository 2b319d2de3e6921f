import { type Address, offsetBy } from '../base/address.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import { moduleNames } from '../cpython/modules.ts';
import { readPointer } from '../cpython/runtime.ts';
import type { Target } from '../target/target.ts';

/** The modules by the dicts of their globals. */
export function moduleGlobals({ memory, runtime, objects }: Target): ReadonlyMap<Address, string> {
  const found = new Map<Address, string>();
  const { dict } = runtime.layout.module;
  for (const { facts } of readInterpreters(memory, runtime, [])) {
    for (const { name, object } of moduleNames(objects, facts.address)) {
      if (!objects.typeOf(object).builtInTypes.includes('module')) continue;
      const globals = readPointer(memory, offsetBy(object, dict));
      if (globals !== undefined && !found.has(globals)) found.set(globals, name);
    }
  }
  return found;
}
