import { loadLibc } from './libc.ts';

// include/uapi/linux/sched.h
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;

/** The lowest of those that run before all others. */
const PRIORITY = 1;

/** All of this is per thread of ours that runs JavaScript, as the kernel's scheduling is. */
let standing: 'behind' | 'first' | 'refused' | undefined;

/**
 * Has the thread that asks run before all that are not of real time, until {@link leaveFirstInLine}, where the kernel lets us do so
 * (CAP_SYS_NICE, or RLIMIT_RTPRIO) and the user has not chosen how we are scheduled. For as long as a program stands still and waits
 * for us: else the first thread that is let go takes the CPU from us, and the others stay stopped for milliseconds.
 */
export function goFirstInLine(): void {
  const libc = loadLibc();
  if (libc === undefined || standing === 'first' || standing === 'refused') return;
  standing ??= libc.schedulingPolicy() === SCHED_OTHER ? 'behind' : 'refused';
  if (standing === 'behind')
    standing = libc.setSchedulingPolicy(SCHED_FIFO, PRIORITY) === 0 ? 'first' : 'refused';
}

/** Has the thread that asks run like any other. */
export function leaveFirstInLine(): void {
  if (standing !== 'first') return;
  standing = 'behind';
  loadLibc()?.setSchedulingPolicy(SCHED_OTHER, 0);
}
