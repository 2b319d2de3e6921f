import { HeldThread } from '../../platform/held-thread.ts';
import type { Pause } from '../../platform/process-pause.ts';
import { readThreadSyscall } from '../../platform/thread-files.ts';
import { isRetriedByPython, mayBeLockWait } from './blocked-calls.ts';
import type { InjectionRun } from './injection-run.ts';
import type { PythonThread } from './python-threads.ts';

/**
 * Nudges a thread at once.
 * @returns `false` when it does something else, and nothing was changed
 */
export function nudge(run: InjectionRun, seen: PythonThread): boolean {
  using held = holdNudged(run, seen);
  return held !== undefined;
}

/**
 * Has the system call answer EINTR that a thread sleeps in, where CPython tries it again with the time that remains
 * (PEP 475), after it has looked whether there is something to do. To the program that is as if nothing had been.
 * @returns the thread, which does so when it is let go or we die; `undefined` when it does something else, and nothing was changed
 */
function holdNudged(run: InjectionRun, seen: PythonThread): HeldThread | undefined {
  // A pause since then has made another call of one with a time limit.
  const thread = { ...seen, syscall: readThreadSyscall(run.pid, seen.id) };
  if (thread.syscall?.kind !== 'inside' || !canBeNudged(run, thread)) return undefined;
  const held = HeldThread.hold(run.pid, thread.id);
  if (held?.interruptionOf(thread.syscall) !== undefined && held.endCall(thread.syscall)) return held;
  held?.release();
  return undefined;
}

/** A thread that was nudged in a pause. */
export interface NudgedSleeper extends Disposable {
  readonly isNudged: boolean;
}

/**
 * Nudges a thread while all stand still or sleep: it wakes when it is let go with them, or we die. What is asked of it in between
 * is so taken up in any case. One that does something else than what it was seen in is left alone.
 */
export function nudgeIn(pause: Pause, run: InjectionRun, thread: PythonThread): NudgedSleeper {
  const isAsleep = pause.sleepingThreadIds.includes(thread.id);
  const held = isAsleep ? holdNudged(run, thread) : undefined;
  const isNudged = held !== undefined || (!isAsleep && endCallIn(pause, thread));
  return { isNudged, [Symbol.dispose]: () => held?.release() };
}

function endCallIn(pause: Pause, { id, syscall: seen }: PythonThread): boolean {
  const now = pause.syscallOf(id);
  if (now?.kind !== 'inside' || seen?.kind !== 'inside') return false;
  const isSame = now.number === seen.number && now.stackPointer === seen.stackPointer;
  return isSame && pause.endCall(id, now);
}

/**
 * Tells whether a thread waits for a lock: when that is interrupted, pending calls run before it is tried again. So they do where
 * the kernel does not tell what it is.
 */
export function mayWaitForLock({ syscall }: Pick<PythonThread, 'syscall'>): boolean {
  return syscall?.kind === 'inside' && mayBeLockWait(syscall);
}

/** Tells whether a thread sleeps in a call that it can be woken from. */
export function canBeNudged(run: InjectionRun, thread: PythonThread): boolean {
  const { syscall } = thread;
  if (syscall?.kind !== 'inside') return false;
  return isRetriedByPython({ call: syscall, isOwn: run.isOwnCall(thread), interruption: undefined });
}
