import { type Address, isAddress, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { InterpreterState } from '../cpython/interpreters.ts';
import { readPointer } from '../cpython/runtime.ts';
import type { Target } from '../target/target.ts';

/** More threads than this are not named; their kernel names remain. */
const MOST_NAMED = 65_536;
/** Python 3's name of the attribute, and Python 2's, which is private to the class. */
const NAME_ATTRIBUTES = ['_name', '_Thread__name'] as const;

/**
 * Reads the names that Python's threading module gives to the threads of an interpreter, by `threading.get_ident()`:
 * the entries of `threading._active`. Empty when the module was not imported, or was changing as we looked.
 */
export function readThreadingNames(
  target: Target,
  { facts }: InterpreterState,
): ReadonlyMap<Address, string> {
  const names = new Map<Address, string>();
  try {
    const active = findActiveThreads(target, facts.address);
    if (active === undefined) return names;
    for (const { key, value } of target.objects.dictEntries(active, MOST_NAMED)) {
      const ident = Number(target.objects.readInteger(key));
      const name = nameOf(target, value);
      if (name !== undefined && isAddress(ident)) names.set(ident, name);
    }
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
  }
  return names;
}

function findActiveThreads(target: Target, interpreter: Address): Address | undefined {
  const { objects, memory, runtime } = target;
  const modules = readPointer(memory, offsetBy(interpreter, runtime.layout.interpreter.modules));
  const threading = modules === undefined ? undefined : objects.lookUpString(modules, 'threading');
  if (threading === undefined) return undefined;
  const names = readPointer(memory, offsetBy(threading, runtime.layout.module.dict));
  return names === undefined ? undefined : objects.lookUpString(names, '_active');
}

function nameOf({ objects }: Target, thread: Address): string | undefined {
  const [name] = objects.findAttributes(thread, NAME_ATTRIBUTES).values();
  return name === undefined ? undefined : objects.readText(name);
}
