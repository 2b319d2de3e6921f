import { HeldThread } from '../../platform/held-thread.ts';
import { readThreadSyscall } from '../../platform/thread-files.ts';
import { isRetriedByPython } from './blocked-calls.ts';
import type { InjectionRun } from './injection-run.ts';
import type { PythonThread } from './python-threads.ts';

/**
 * Has the system call answer EINTR that a thread sleeps in, where CPython tries it again with the time that remains
 * (PEP 475), after it has looked whether there is something to do. To the program that is as if nothing had been.
 * @returns `false` when the thread does something else, and nothing was changed
 */
export function nudge(run: InjectionRun, seen: PythonThread): boolean {
  // A pause since then has made another call of one with a time limit.
  const thread = { ...seen, syscall: readThreadSyscall(run.pid, seen.id) };
  if (thread.syscall?.kind !== 'inside' || !canBeNudged(run, thread)) return false;
  using held = HeldThread.hold(run.pid, thread.id);
  return held?.interruptionOf(thread.syscall) !== undefined && held.endCall(thread.syscall);
}

/** Tells whether a thread sleeps in a call that it can be woken from. */
export function canBeNudged(run: InjectionRun, thread: PythonThread): boolean {
  const { syscall } = thread;
  if (syscall?.kind !== 'inside') return false;
  return isRetriedByPython({ call: syscall, isOwn: run.isOwnCall(thread), interruption: undefined });
}
