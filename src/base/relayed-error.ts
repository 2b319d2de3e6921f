import { type ErrorCode, InspectorError } from './errors.ts';

/** What another thread of ours has met, in its words. */
export class RelayedError extends InspectorError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
