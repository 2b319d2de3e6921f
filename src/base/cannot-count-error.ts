import { InspectorError } from './errors.ts';

/** It cannot be counted how often a process comes by some place in its code. */
export class CannotCountError extends InspectorError {
  readonly code = 'cannot-count';

  constructor(state: string, options?: ErrorOptions) {
    super(`Cannot count each take of the GIL: ${state}`, options);
  }
}
