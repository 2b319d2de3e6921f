import type { ThreadActivity } from '../model/thread-stack.ts';
import type { SyscallState } from '../platform/proc/syscall.ts';
import { nameOfSyscall } from '../platform/syscalls.ts';

/** What the state of a thread means for its activity; `undefined` is a state that nobody tells. */
export function threadActivity(state: SyscallState | undefined): ThreadActivity {
  if (state === undefined) return { state: 'unknown' };
  if (state.kind !== 'inside') return { state: 'running' };
  const { number, args } = state;
  return { state: 'blocked', syscall: number, syscallName: nameOfSyscall(number), args };
}
