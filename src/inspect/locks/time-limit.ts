import type { ThreadActivity } from '../../model/thread-stack.ts';
import type { Wait } from '../../model/thread-wait.ts';

/** Which argument of a system call points to a time after which it ends: NULL for never (syscalls(2)). */
const TIME_POINTERS: Readonly<Record<string, number>> = {
  futex: 3,
  select: 4,
  pselect6: 4,
  ppoll: 2,
  epoll_pwait2: 3,
  nanosleep: 0,
  clock_nanosleep: 2,
};
/** Which one is a number of milliseconds, an int that is negative for ever. */
const MILLISECONDS: Readonly<Record<string, number>> = { poll: 2, epoll_wait: 3, epoll_pwait: 3 };

/** Tells whether a blocked call ends by itself after some time; `undefined` where that is not known. */
export function hasTimeLimit(activity: ThreadActivity, wait: Wait | undefined): boolean | undefined {
  if (activity.state !== 'blocked') return undefined;
  // A thread that waits for the GIL wakes now and then to ask for it, and waits again.
  if (wait?.kind === 'gil') return false;
  const { syscallName = '', args } = activity;
  // Of those that wait for a lock only the ones with a limit are begun anew so.
  if (syscallName === 'restart_syscall') return wait?.kind === 'system-call' ? undefined : true;
  const pointer = args[TIME_POINTERS[syscallName] ?? -1];
  if (pointer !== undefined) return pointer !== 0n;
  const milliseconds = args[MILLISECONDS[syscallName] ?? -1];
  return milliseconds === undefined ? undefined : BigInt.asIntN(32, milliseconds) >= 0n;
}
