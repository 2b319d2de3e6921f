import { type Address, offsetBy } from '../base/address.ts';
import type { CPythonRuntime } from './runtime.ts';

/**
 * Where it says whether garbage is being collected: in the interpreter, or once for all of them; `undefined` where nothing leads
 * there, as in CPython 2.7 and 3.6 to a static variable (Modules/gcmodule.c, `collecting`).
 */
export function collectingPlace(
  { layout, roots }: CPythonRuntime,
  interpreter: Address,
): Address | undefined {
  if (layout.interpreter.gcCollecting !== undefined)
    return offsetBy(interpreter, layout.interpreter.gcCollecting);
  if (layout.runtime?.gcCollecting === undefined || roots.runtime === undefined) return undefined;
  return offsetBy(roots.runtime, layout.runtime.gcCollecting);
}

/** Whether a CPython shows when it collects garbage. */
export function showsCollections({ layout }: CPythonRuntime): boolean {
  return (layout.interpreter.gcCollecting ?? layout.runtime?.gcCollecting) !== undefined;
}
