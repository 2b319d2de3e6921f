import { isThreadCalled, noSuchThread, type ThreadLabels } from '../model/thread-labels.ts';
import type { Target } from '../target/target.ts';
import type { Look } from './look.ts';
import type { PassThread } from './pass.ts';
import { threadKey } from './threading-names.ts';

/** A thread that was read and what it is called. */
export type LabelledThread = readonly [PassThread, ThreadLabels];

/** Reads what the threads of a look are called. */
export function labelThreads(
  target: Target,
  { pass, osThreads, names }: Pick<Look, 'pass' | 'osThreads' | 'names'>,
): readonly LabelledThread[] {
  return pass.threads.map((thread) => {
    const osThread = osThreads.get(thread);
    const osThreadId = osThread?.id;
    const pthreadId = osThread === undefined ? thread.state.threadId : osThread.pthreadId;
    const labels = {
      osThreadId,
      innerThreadId: osThreadId === undefined ? undefined : target.innerThreadId(osThreadId),
      kernelName: osThreadId === undefined ? undefined : target.kernelNameOf(osThreadId),
      pthreadId,
      // The state's own id is that of another thread when the stacks showed who runs it.
      pythonName: pthreadId === thread.state.threadId ? names.get(threadKey(thread))?.name : undefined,
    };
    return [thread, labels] as const;
  });
}

/**
 * Selects the threads that have an id or a name.
 * @throws {NoSuchThreadError} when none has
 */
export function selectThreads(
  threads: readonly LabelledThread[],
  wanted: string | undefined,
): readonly LabelledThread[] {
  if (wanted === undefined) return threads;
  const selected = threads.filter(([, labels]) => isThreadCalled(labels, wanted));
  if (selected.length > 0) return selected;
  throw noSuchThread(
    wanted,
    threads.map(([, labels]) => labels),
  );
}
