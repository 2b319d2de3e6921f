import { MalformedInputError, UnreadableMemoryError } from '../../base/errors.ts';

/**
 * Tells whether an error concerns one object only: its memory is torn or not there. Any other one, such as the
 * end of the process, concerns everything and must not be hidden in a node of a tree.
 */
export function isContained(error: unknown): error is MalformedInputError | UnreadableMemoryError {
  return error instanceof MalformedInputError || error instanceof UnreadableMemoryError;
}
