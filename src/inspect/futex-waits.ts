import type { ThreadActivity } from '../model/thread-stack.ts';

/** FUTEX_WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI and LOCK_PI2, without their flags (linux/futex.h). */
const WAITING_COMMANDS: ReadonlySet<bigint> = new Set([0n, 6n, 9n, 11n, 13n]);
const COMMAND_BITS = 0x7fn;

/**
 * Tells on which address a thread sleeps in futex(2); `undefined` for one that does something else, as to wake others,
 * which is a futex call too. A call that was interrupted with a timeout goes on as restart_syscall, its arguments still
 * in place.
 */
export function futexWaitedOn(activity: ThreadActivity): bigint | undefined {
  if (activity.state !== 'blocked') return undefined;
  const [address, operation = 0n] = activity.args;
  if (activity.syscallName === 'restart_syscall') return address;
  const isWait = activity.syscallName === 'futex' && WAITING_COMMANDS.has(operation & COMMAND_BITS);
  return isWait ? address : undefined;
}
