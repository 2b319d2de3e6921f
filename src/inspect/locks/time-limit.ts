import type { ThreadActivity } from '../../model/thread-stack.ts';

/** Which argument of a system call points to a time after which it ends: NULL for never (syscalls(2)). */
const TIME_ARGUMENTS: Readonly<Record<string, number>> = { futex: 3 };

/** Tells whether a blocked call ends by itself after some time; `undefined` where that is not known. */
export function hasTimeLimit(activity: ThreadActivity): boolean | undefined {
  if (activity.state !== 'blocked') return undefined;
  if (activity.syscallName === 'restart_syscall') return true;
  const place = TIME_ARGUMENTS[activity.syscallName ?? ''];
  const pointer = place === undefined ? undefined : activity.args[place];
  return pointer === undefined ? undefined : pointer !== 0n;
}
