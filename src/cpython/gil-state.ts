import type { AddressRange } from '../base/address.ts';
import type { GilState, ThreadActivity } from '../model/thread-stack.ts';
import type { InterpreterState } from './interpreters.ts';
import type { ThreadState } from './thread-states.ts';

/** System calls in which a thread may wait on an address, their first argument. */
const FUTEX_WAITS = new Set(['futex', 'restart_syscall']);

/**
 * Tells what a thread has to do with its interpreter's GIL: it holds it when the GIL says so, and it waits for it when
 * it sleeps in futex(2) on the GIL's own condition variable. No unwinding needed.
 */
export function gilStateOf(
  interpreter: Pick<InterpreterState, 'hasGil' | 'gilHolder' | 'gilWaits'>,
  thread: Pick<ThreadState, 'address'>,
  activity: ThreadActivity,
): GilState | undefined {
  if (!interpreter.hasGil) return 'none';
  if (interpreter.gilHolder === thread.address) return 'holds';
  if (activity.state === 'unknown') return undefined;
  const sleepsOn = futexOf(activity);
  if (sleepsOn === undefined) return 'none';
  if (interpreter.gilWaits === undefined) return undefined;
  const { waiting, dropping } = interpreter.gilWaits;
  if (waiting.some((range) => contains(range, sleepsOn))) return 'waits';
  return dropping.some((range) => contains(range, sleepsOn)) ? 'drops' : 'none';
}

/** The word in memory on which a thread sleeps in futex(2); `undefined` for one that does anything else. */
export function futexOf(activity: ThreadActivity): bigint | undefined {
  // A futex call that was interrupted with a timeout goes on as restart_syscall, its arguments still in place.
  if (activity.state !== 'blocked' || !FUTEX_WAITS.has(activity.syscallName ?? '')) return undefined;
  return activity.args[0];
}

function contains({ address, sizeBytes }: AddressRange, word: bigint): boolean {
  return word >= BigInt(address) && word < BigInt(address) + BigInt(sizeBytes);
}
