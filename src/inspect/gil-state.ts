import type { AddressRange } from '../base/address.ts';
import type { InterpreterState } from '../cpython/interpreters.ts';
import type { ThreadState } from '../cpython/thread-states.ts';
import type { GilState, ThreadActivity } from '../model/thread-stack.ts';
import { futexWaitedOn } from './futex-waits.ts';

/**
 * Tells what a thread has to do with its interpreter's GIL: it holds it when the GIL says so, and it waits for it when
 * it sleeps in futex(2) on the GIL's own condition variable. No unwinding needed.
 */
export function gilStateOf(
  interpreter: InterpreterState,
  thread: ThreadState,
  activity: ThreadActivity,
): GilState | undefined {
  if (!interpreter.hasGil) return 'none';
  if (interpreter.gilHolder === thread.address) return 'holds';
  if (activity.state === 'unknown') return undefined;
  const sleepsOn = futexWaitedOn(activity);
  if (sleepsOn === undefined) return 'none';
  if (interpreter.gilWaits === undefined) return undefined;
  const { waiting, dropping } = interpreter.gilWaits;
  if (waiting.some((range) => contains(range, sleepsOn))) return 'waits';
  return dropping.some((range) => contains(range, sleepsOn)) ? 'drops' : 'none';
}

function contains({ address, sizeBytes }: AddressRange, word: bigint): boolean {
  return word >= BigInt(address) && word < BigInt(address) + BigInt(sizeBytes);
}
