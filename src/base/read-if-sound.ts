import { isAboutMemory } from './errors.ts';

/** Reads what may be torn or unreadable in a target; `undefined` when it is. */
export function readIfSound<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}
