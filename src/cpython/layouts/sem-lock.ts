/**
 * `SemLockObject` behind an object's head: a semaphore of multiprocessing, which several processes map
 * (cpython/Modules/_multiprocessing/semaphore.c; the same members in 2.7 and 3.6 to 3.15).
 */
export const SEM_LOCK = {
  /** `sem_t *`. */
  handle: 0,
  /** `threading.get_ident()` of the thread of this process that took it last. */
  lastThread: 8,
  /** How often this process has taken it and not let go of it. */
  count: 16,
  maxValue: 20,
  /** With the kind that follows, and without the name behind it, which 2.7 has not. */
  leastBytes: 32,
} as const;
