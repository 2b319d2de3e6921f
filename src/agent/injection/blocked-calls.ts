import type { Interruption } from '../../platform/interruption.ts';
import type { BlockedCall } from '../../platform/proc/syscall.ts';
import { nameOfSyscall } from '../../platform/syscalls.ts';

/**
 * How a system call goes on that something came between. `again`: it is begun anew, as the kernel does after a signal
 * handler with SA_RESTART. `interrupted`: it answers EINTR, as it does after one without, and whoever called it tries
 * again with the time that remains.
 */
export type Continuation = 'again' | 'interrupted';

interface CallRule {
  /** It may begin anew with the same arguments, as it has no time limit, an absolute one, or one that the kernel counts down. */
  readonly mayBegin: (args: readonly bigint[]) => boolean;
  /** CPython, from 3.5 on, tries again after EINTR wherever it makes this call itself (PEP 475). */
  readonly isRetried: boolean;
  /** With a time limit of its socket the kernel answers EINTR at once instead of asking itself for a restart. */
  readonly isTimedByInterrupt?: boolean;
  /** Argument that is a descriptor, of which only some kinds can be waited for. */
  readonly descriptor?: number;
}

const always = () => true;
const never = () => false;

/** Arguments are 64 bits wide where the kernel looks at an int. */
function int(value: bigint | undefined): number {
  return Number(BigInt.asIntN(32, value ?? 0n));
}

/** include/uapi/linux/time.h */
const TIMER_ABSTIME = 1;

/** include/uapi/linux/futex.h */
const FUTEX = { commandMask: 0x7f, wait: 0, waitBitset: 9 } as const;

/** signal.pause() returns after EINTR. */
const PAUSE: CallRule = { mayBegin: always, isRetried: false };

const RECEIVE: CallRule = { mayBegin: always, isRetried: true, isTimedByInterrupt: true };

/**
 * System calls in which a thread may be borrowed: it holds no lock of the allocator or of the dynamic linker there, which
 * wait by futex(2) only, and read from files only.
 */
const RULES: Readonly<Record<string, CallRule>> = {
  accept: RECEIVE,
  accept4: RECEIVE,
  // time.sleep() from 3.11 on, with an absolute time.
  clock_nanosleep: { mayBegin: ([, flags]) => (int(flags) & TIMER_ABSTIME) !== 0, isRetried: true },
  epoll_pwait: { mayBegin: ([, , , timeout]) => int(timeout) < 0, isRetried: true },
  epoll_wait: { mayBegin: ([, , , timeout]) => int(timeout) < 0, isRetried: true },
  futex: {
    mayBegin: ([, operation, , timeout]) =>
      timeout === 0n || (int(operation) & FUTEX.commandMask) === FUTEX.waitBitset,
    isRetried: true,
  },
  nanosleep: { mayBegin: never, isRetried: true },
  pause: PAUSE,
  poll: { mayBegin: ([, , timeout]) => int(timeout) < 0, isRetried: true },
  // fs/select.c, `poll_select_finish`: what remains of the time is written back before the call begins anew.
  ppoll: { mayBegin: always, isRetried: true },
  pselect6: { mayBegin: always, isRetried: true },
  read: { ...RECEIVE, descriptor: 0 },
  readv: { ...RECEIVE, descriptor: 0 },
  recvfrom: RECEIVE,
  recvmsg: RECEIVE,
  // What a call with a time limit becomes that was interrupted before: only EINTR ends it in the right way.
  restart_syscall: { mayBegin: never, isRetried: true },
  // A signal that is waited for stays pending meanwhile.
  rt_sigtimedwait: { mayBegin: ([, , timeout]) => timeout === 0n, isRetried: false },
  select: { mayBegin: always, isRetried: true },
  wait4: { mayBegin: always, isRetried: true },
  waitid: { mayBegin: always, isRetried: true },
};

/** What is known of a call that a thread sleeps in. */
export interface CallFacts {
  readonly call: BlockedCall;
  /** CPython's own code makes the call, or that of a module of its standard library. */
  readonly isOwn: boolean;
  /** What became of the call when the thread was stopped; `undefined` before. */
  readonly interruption: Interruption | undefined;
}

/** Tells whether only a lock or a condition keeps the thread asleep. */
export function isLockWait({ number }: BlockedCall): boolean {
  return nameOfSyscall(number) === 'futex';
}

/** The same of a call that was interrupted before, so that the kernel does not tell any more which one it is. */
export function mayBeLockWait(call: BlockedCall): boolean {
  return isLockWait(call) || nameOfSyscall(call.number) === 'restart_syscall';
}

/** Tells whether CPython tries this call again with the time that remains, and looks for signals before. */
export function isRetriedByPython({ call, isOwn }: CallFacts): boolean {
  return isOwn && ruleOf(call)?.isRetried === true;
}

/** Tells whether the call may begin anew with the arguments that it has. */
export function mayBeginAgain({ call, interruption }: CallFacts): boolean {
  const rule = ruleOf(call);
  if (rule === undefined) return false;
  if (rule.isTimedByInterrupt === true && interruption === 'answers') return false;
  return rule.mayBegin(call.args);
}

/** The descriptor that the call waits for, where its kind matters. */
export function descriptorOf(call: BlockedCall): number | undefined {
  const argument = ruleOf(call)?.descriptor;
  return argument === undefined ? undefined : int(call.args[argument]);
}

/**
 * Tells whether a futex call waits for a semaphore, as the locks of CPython are: those wait while a word is 0. The locks
 * of the allocator, of the dynamic linker and of stdio wait while theirs is 2 (glibc, sysdeps/nptl/lowlevellock.h).
 */
export function isSemaphoreWait({ args: [, operation, expected] }: BlockedCall): boolean {
  const command = int(operation) & FUTEX.commandMask;
  return (command === FUTEX.wait || command === FUTEX.waitBitset) && int(expected) === 0;
}

function ruleOf({ number, args }: BlockedCall): CallRule | undefined {
  const name = nameOfSyscall(number) ?? '';
  return name === 'ppoll' && isPause(args) ? PAUSE : RULES[name];
}

/** ppoll(2) of nothing without a time limit: that is how glibc waits for a signal where the kernel has no pause(2), as on aarch64. */
function isPause([descriptors, count, timeout]: readonly bigint[]): boolean {
  return descriptors === 0n && count === 0n && timeout === 0n;
}
