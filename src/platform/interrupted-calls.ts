import type { BlockedCall } from './proc/syscall.ts';
import { nameOfSyscall } from './syscalls.ts';

/**
 * System calls that go on after an interrupt without a signal as if nothing had been, the rest of their time included:
 * the kernel answers ERESTARTSYS, ERESTARTNOHAND or ERESTART_RESTARTBLOCK there, which the program never sees. What is
 * not listed may fail with EINTR or be cut short: the calls that signal(7) names under "Interruption of system calls
 * and library functions by stop signals", a write(2) that has written a part (fs/pipe.c, `pipe_write`), and whatever
 * a driver or a FUSE file system makes of it.
 */
const RESUMED = new Set([
  // kernel/futex/waitwake.c and syscalls.c
  'futex',
  'futex_waitv',
  // fs/select.c: the rest of the time is kept in the restart block or written back
  'poll',
  'ppoll',
  'pselect6',
  'select',
  // kernel/time/hrtimer.c
  'clock_nanosleep',
  'nanosleep',
  'restart_syscall',
  // kernel/signal.c, kernel/exit.c
  'pause',
  'rt_sigsuspend',
  'wait4',
  'waitid',
  // ipc/msg.c since Linux 2.6.9, ipc/mqueue.c, fs/locks.c
  'flock',
  'mq_timedreceive',
  'mq_timedsend',
  'msgrcv',
  'msgsnd',
  // A thread that ends is not held up: the tracer sees its end.
  'exit',
  'exit_group',
]);

/**
 * System calls that may be begun again after EINTR, since they have done nothing yet when they answer it. close(2) is
 * none of them: the descriptor is gone already. Those of `PARTIAL` answer with what they have done when that is more
 * than nothing.
 */
const REPEATABLE = new Set([
  'accept',
  'accept4',
  'connect',
  'epoll_pwait',
  'epoll_pwait2',
  'epoll_wait',
  'io_getevents',
  'io_pgetevents',
  'io_uring_enter',
  'pread64',
  'preadv',
  'preadv2',
  'read',
  'readv',
  'recvfrom',
  'recvmsg',
  'rt_sigtimedwait',
  'semop',
  'semtimedop',
]);

const PARTIAL = new Set([
  'pwrite64',
  'pwritev',
  'pwritev2',
  'recvmmsg',
  'sendmmsg',
  'sendmsg',
  'sendto',
  'write',
  'writev',
]);

/** Which argument holds the flags of a call that asks with MSG_WAITALL not to be answered with a part. */
const RECEIVE_FLAGS: ReadonlyMap<string, number> = new Map([
  ['recvfrom', 3],
  ['recvmsg', 2],
]);

/** include/linux/socket.h */
const MSG_WAITALL = 0x100n;

/** Tells whether a thread that sleeps in this system call can be interrupted without the program noticing. */
export function isResumedCall(syscall: number): boolean {
  return RESUMED.has(nameOfSyscall(syscall) ?? '');
}

/** Tells whether this system call can be begun again when it answered EINTR. */
export function isRepeatableCall(syscall: number): boolean {
  const name = nameOfSyscall(syscall) ?? '';
  return REPEATABLE.has(name) || PARTIAL.has(name);
}

/** Tells whether a system call that is interrupted has done nothing yet, so that it can be begun again in any case. */
export function doesAllOrNothing({ number, args }: BlockedCall): boolean {
  const name = nameOfSyscall(number) ?? '';
  const flags = args[RECEIVE_FLAGS.get(name) ?? -1] ?? 0n;
  return REPEATABLE.has(name) && (flags & MSG_WAITALL) === 0n;
}
