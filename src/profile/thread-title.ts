import { formatCount } from '../base/quantities.ts';
import type { ProfiledThread } from './profile.ts';

/** `thread (12): MainThread`; of several that share samples `57 threads in turn, one of them worker`. */
export function threadTitle(thread: ProfiledThread): string {
  const { osThreadId, pthreadId, name, sharedBy } = thread;
  if (sharedBy > 1) return sharersTitle(thread);
  return `thread (${osThreadId ?? pthreadId ?? '?'})${name === undefined ? '' : `: ${name}`}`;
}

/** What a thread is called where its id is told beside it. */
export function threadName(thread: ProfiledThread, id: number | string): string {
  if (thread.sharedBy > 1) return sharersTitle(thread);
  return thread.name ?? (thread.isMainThread ? 'main thread' : `thread ${id}`);
}

function sharersTitle({ sharedBy, name }: ProfiledThread): string {
  return `${formatCount(sharedBy)} threads in turn${name === undefined ? '' : `, one of them ${name}`}`;
}
