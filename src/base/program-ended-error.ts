import { InspectorError } from './errors.ts';

/** A program that was started to be sampled ended before there was anything to be seen. */
export class ProgramEndedError extends InspectorError {
  readonly code = 'process-exited';

  constructor(command: string, status: number, options?: ErrorOptions) {
    super(`Cannot sample ${command}: it ended, with status ${status}, before it was looked at`, options);
  }
}
