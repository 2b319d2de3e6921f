import { isAboutMemory, MalformedInputError, UnreadableMemoryError } from './errors.ts';

/** Reads what may be torn or unreadable in a target; `undefined` when it is. */
export function readIfSound<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}

/** Reads memory that may not be there; `undefined` when it is not. What is there has to be sound. */
export function readIfMapped<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableMemoryError) return undefined;
    throw error;
  }
}

/** Parses bytes that may be damaged or cut off; `undefined` when they are. */
export function parseIfSound<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedInputError) return undefined;
    throw error;
  }
}
