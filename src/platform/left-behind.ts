import type { Tracee } from './tracee.ts';

/** How often we look whether a thread that was left behind has stopped, and can be let go. */
const RELEASE_INTERVAL_MS = 5;

/**
 * Threads that could not be let go yet, as they had not stopped: they must be, as soon as they do. Per thread of ours,
 * as the kernel's own list of tracees is.
 */
const leftBehind = new Map<number, Tracee>();

/** Sees to it that a thread which has not stopped yet is let go when it does. */
export function leaveBehind(tracee: Tracee): void {
  if (leftBehind.size === 0) scheduleRelease();
  leftBehind.set(tracee.threadId, tracee);
}

/** Does not keep the program alive: when that ends, the kernel lets go of all. */
function scheduleRelease(): void {
  const timer = setTimeout(() => {
    if (!releaseLeftBehind()) scheduleRelease();
  }, RELEASE_INTERVAL_MS);
  timer.unref();
}

/** Lets those go that have stopped meanwhile; `false` as long as some have not. For a thread of ours that runs no timers. */
export function releaseLeftBehind(): boolean {
  for (const tracee of leftBehind.values()) {
    if (tracee.release()) leftBehind.delete(tracee.threadId);
  }
  return leftBehind.size === 0;
}

/** A thread left behind that is to be stopped again; `undefined` when we do not trace it. */
export function takeBack(threadId: number): Tracee | undefined {
  const tracee = leftBehind.get(threadId);
  leftBehind.delete(threadId);
  const state = tracee?.poll();
  return state === 'stopping' || state === 'stopped' ? tracee : undefined;
}
