import { NoSuchThreadError } from '../base/errors.ts';
import type { ThreadStack } from './thread-stack.ts';

/** What a thread is called. */
export type ThreadLabels = Pick<
  ThreadStack,
  'osThreadId' | 'innerThreadId' | 'pthreadId' | 'kernelName' | 'pythonName'
>;

/** The same of a thread that runs on, with the ids that its state has: another thread's may lie at the same address next. */
export interface StateLabels extends ThreadLabels {
  readonly stateIds: { readonly threadId: number | undefined; readonly ownId: number | undefined };
}

/** Whether a thread has this name, or this id. */
export function isThreadCalled(labels: ThreadLabels, wanted: string): boolean {
  const { osThreadId, innerThreadId, pthreadId, kernelName, pythonName } = labels;
  return [osThreadId, innerThreadId, pthreadId, kernelName, pythonName].some(
    (name) => name !== undefined && String(name) === wanted,
  );
}

/** What is thrown when none of the threads is called as was wished, with what they are called. */
export function noSuchThread(wanted: string, threads: Iterable<ThreadLabels>): NoSuchThreadError {
  const existing = Array.from(
    threads,
    ({ osThreadId, pythonName, kernelName }) =>
      `${osThreadId ?? 'ended'} (${pythonName ?? kernelName ?? 'no name'})`,
  );
  return new NoSuchThreadError(wanted, existing);
}
