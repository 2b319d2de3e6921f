import { doesAllOrNothing, isResumedCall } from './interrupted-calls.ts';
import type { SyscallState } from './proc/syscall.ts';
import { readThreadRunMark, readThreadSyscall } from './thread-files.ts';
import { canRepeatCalls } from './tracee.ts';

/** How often a thread is looked at that seems awake. */
const LOOKS_AT_AWAKE = 3;

/**
 * A thread that sleeps in a system call which an interrupt would end early (src/platform/interrupted-calls.ts), so that
 * it is left asleep and watched: as long as it has not run, what it has in memory stands still as well.
 */
export class Sleeper {
  readonly threadId: number;
  /** The call that it sleeps in. */
  readonly syscall: SyscallState;
  readonly #processId: number;
  #mark: string | undefined;

  private constructor(processId: number, threadId: number, syscall: SyscallState, mark: string) {
    this.syscall = syscall;
    this.#processId = processId;
    this.threadId = threadId;
    this.#mark = mark;
  }

  /**
   * `undefined` for a thread that may be interrupted, and for one of which the kernel does not tell. A restless thread,
   * which has begun its call a moment ago, may also be interrupted where the call can be begun again: that makes
   * its time limit longer by no more than that moment.
   */
  static find(processId: number, threadId: number, isRestless: boolean): Sleeper | undefined {
    const isDelicate = isRestless && canRepeatCalls() ? isDelicateForAll : isDelicateAsleep;
    if (!isDelicate(lookAt(processId, threadId))) return undefined;
    // It may have run between the two looks, and then sleep in the next call: so the mark first, then the call.
    const mark = readThreadRunMark(processId, threadId);
    const syscall = readThreadSyscall(processId, threadId);
    if (mark === undefined || syscall === undefined || !isDelicate(syscall)) return undefined;
    return new Sleeper(processId, threadId, syscall, mark);
  }

  /** Tells whether the thread has run since it was found, and for good: one that has is looked for anew. */
  hasRun(): boolean {
    if (this.#mark === undefined) return true;
    if (readThreadRunMark(this.#processId, this.threadId) === this.#mark) return false;
    this.#mark = undefined;
    return true;
  }
}

/** A thread that writes as fast as its reader reads is mostly asleep in that call, and awake for microseconds. */
function lookAt(processId: number, threadId: number): SyscallState | undefined {
  for (let look = 1; ; look += 1) {
    const state = readThreadSyscall(processId, threadId);
    if (state?.kind !== 'running' || look === LOOKS_AT_AWAKE) return state;
  }
}

function isDelicateAsleep(state: SyscallState | undefined): boolean {
  return state?.kind === 'inside' && !isResumedCall(state.number);
}

function isDelicateForAll(state: SyscallState | undefined): boolean {
  return state?.kind === 'inside' && !isResumedCall(state.number) && !doesAllOrNothing(state);
}
