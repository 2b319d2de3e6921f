import { HeldThread } from '../../platform/held-thread.ts';
import { type FilterVerdict, ownFilterCount, verdictOf } from '../../platform/seccomp-filter.ts';
import { numberOfSyscall } from '../../platform/syscalls.ts';
import { readThreadStatus } from '../../platform/thread-files.ts';
import type { InjectionRun } from './injection-run.ts';

/** What the agent cannot do without, in the words of `man 2`; seen by strace from 3.6 to 3.13 on x86-64. */
const NEEDED =
  'rt_sigreturn mmap mprotect rt_sigprocmask futex openat read close pipe2 ioctl socket getsockopt bind chmod ' +
  'listen unlink poll accept4 recvfrom sendto write exit';
/** What it goes on without, or in another way, when it is answered by an error. */
const USED =
  'set_robust_list rseq madvise munmap brk gettid getpid geteuid lseek fstat newfstatat stat lstat getdents64 ' +
  'fcntl getsockname rmdir readlink rt_sigaction sigaltstack select pselect6 clock_nanosleep getrandom dup open ' +
  'sched_yield restart_syscall';

/** Arguments that filters look at: those of a Unix socket, and of a thread that pthread_create() makes. */
const ARGUMENTS: Readonly<Record<string, readonly number[]>> = {
  socket: [1, 0o2000001],
  clone: [0x3d_0f00],
};

/** What the C library makes instead where the kernel has no such call (include/uapi/asm-generic/unistd.h). */
const GENERIC_NAMES: Readonly<Record<string, string>> = {
  chmod: 'fchmodat',
  lstat: 'newfstatat',
  open: 'openat',
  poll: 'ppoll',
  readlink: 'readlinkat',
  rmdir: 'unlinkat',
  select: 'pselect6',
  stat: 'newfstatat',
  unlink: 'unlinkat',
};

/**
 * Refuses a process whose seccomp filters would end it for what the agent does, or refuse that. Filters are read by who
 * has CAP_SYS_ADMIN. Others come in when they go through as many themselves, as in one container.
 * @throws {InjectionRefusedError} with the system call that is in the way
 */
export function checkCallFilters(run: InjectionRun): void {
  const { filterCount } = run;
  if (filterCount === 0) return;
  using held = HeldThread.hold(run.pid, run.pid);
  const filters = held?.readFilters();
  if (filters === undefined) {
    if (filterCount === ownFilterCount()) return;
    throw run.refusal('filtered', 'a seccomp filter that we may not read may end it for what the agent does');
  }
  const verdictFor = (name: string): FilterVerdict =>
    verdictOf(filters, { number: numberHere(name) ?? -1, args: ARGUMENTS[name] ?? [] });
  const needed = [...NEEDED.split(' '), callOfThreads(run, verdictFor)];
  const deadly = [...needed, ...USED.split(' ')].find((name) => verdictFor(name) === 'ends');
  if (deadly !== undefined)
    throw run.refusal('filtered', `its seccomp filter would end it for ${deadly}(2), which the agent makes`);
  const refused = needed.find((name) => verdictFor(name) !== 'allowed');
  if (refused !== undefined)
    throw run.refusal('filtered', `its seccomp filter refuses ${refused}(2), which the agent needs`);
}

function numberHere(name: string): number | undefined {
  return numberOfSyscall(name) ?? numberOfSyscall(GENERIC_NAMES[name] ?? '');
}

/** glibc makes threads by clone3(2) since 2.34, when it took its threads into libc.so.6; by clone(2) where that is missing. */
function callOfThreads(run: InjectionRun, verdictFor: (name: string) => FilterVerdict): string {
  const isOlder = run.mappings.some(({ path }) => /\/libpthread[-.]/u.test(path ?? ''));
  return isOlder || run.code.isMusl || verdictFor('clone3') === 'missing' ? 'clone' : 'clone3';
}

/** Whether a thread has as many filters as the main thread, whose were checked. */
export function hasCheckedFilters({ pid, filterCount }: InjectionRun, threadId: number): boolean {
  return readThreadStatus(pid, threadId)?.filterCount === filterCount;
}
