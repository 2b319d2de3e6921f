import { type ErrorCode, InspectorError, SamplerFailedError } from '../base/errors.ts';
import { RelayedError } from '../base/relayed-error.ts';
import { sendToStarter, type WorkerThread } from '../target/sampling-host.ts';

/** What a thread of ours sends as its last word when a process cannot be looked at. */
interface WorkerFailure {
  readonly failure: { readonly code: ErrorCode; readonly message: string };
}

/** Does what a thread of ours was started for, and has its starter know why that cannot be done. */
export async function runWorker(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InspectorError)) throw error;
    const { code, message } = error;
    sendToStarter({ failure: { code, message } } satisfies WorkerFailure);
  }
}

/**
 * Waits for the end of a thread of ours, and answers its last word.
 * @throws {RelayedError} when it could not do what it was started for
 * @throws {SamplerFailedError} for anything else that went wrong in it
 */
export async function lastWordOf(worker: WorkerThread): Promise<unknown> {
  let last: unknown;
  try {
    last = await worker.ended;
  } catch (error) {
    throw new SamplerFailedError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (isFailure(last)) throw new RelayedError(last.failure.code, last.failure.message);
  return last;
}

function isFailure(message: unknown): message is WorkerFailure {
  return typeof message === 'object' && message !== null && 'failure' in message;
}
