import type { CodePlace } from '../model/thread-wait.ts';
import type { JsonValue } from './json-value.ts';

/** Writes a place in the source of a Python program. */
export function placeToJson({ filename, name, line }: CodePlace): JsonValue {
  return { filename, name, line: line ?? null };
}
