import { FfiUnavailableError, ProcessExitedError } from '../base/errors.ts';
import { Alarm } from './alarm.ts';
import { checkInspectable } from './inspectable.ts';
import { leaveBehind } from './left-behind.ts';
import { type Libc, loadLibc } from './libc.ts';
import { monotonicMs } from './monotonic-clock.ts';
import type { BlockedCall, SyscallState } from './proc/syscall.ts';
import { Sleeper } from './sleeper.ts';
import { listThreadIds } from './thread-files.ts';
import { type ThreadRegisters, threadRegistersOf } from './thread-registers.ts';
import { TracedThreads } from './traced-threads.ts';
import type { Tracee } from './tracee.ts';

/** A process whose threads stand still until it is resumed or disposed of, whichever comes first. */
export interface Pause extends Disposable {
  /** The threads that stand still, those of the two lists below included. */
  readonly threadIds: readonly number[];
  /**
   * Threads that did not stop in time: in an uninterruptible sleep, as the parent of a vfork(2) is, or without a CPU.
   * They are asked to stop before they next run in user mode, so that what they have in memory stands still too.
   */
  readonly unstoppedThreadIds: readonly number[];
  /**
   * Threads left asleep in a system call that an interrupt would have ended early, to the program's surprise. They
   * stand still for as long as nothing wakes them: see `findAwakened`.
   */
  readonly sleepingThreadIds: readonly number[];
  /** Time from the request to stop until the resume, or until now. */
  readonly pausedForNs: bigint;
  /** Looks which of the threads that were left asleep have run since all stood still, and so may have changed memory. */
  findAwakened(): readonly number[];
  /** Tells what a thread did when it came to stand still, also after the resume; `undefined` for one that did not. */
  syscallOf(threadId: number): SyscallState | undefined;
  /**
   * The registers that a thread had when it came to stand still, also after the resume; `undefined` for one that did
   * not. Of one that was left asleep only what /proc tells is known.
   */
  registersOf(threadId: number): ThreadRegisters | undefined;
  /**
   * Has the system call answer EINTR that a thread was stopped in, when it runs on; `false` for a thread that was left asleep, and for
   * one that does something else.
   */
  endCall(threadId: number, seen: BlockedCall): boolean;
  /** Lets every thread run on; does nothing the second time. */
  resume(): void;
}

/** How long a thread may take to stop. */
const STOP_LIMIT_MS = 1000;

/**
 * Stops every thread of a process by PTRACE_SEIZE and PTRACE_INTERRUPT, but for those that sleep where an interrupt
 * would harm (docs/decisions/0008-threads-left-asleep.md); `restless` are those that woke in the pause before. Synchronous, and to be resumed by the same
 * thread in the same tick: the kernel binds tracing to a thread, and libuv would take the stop of a child for its end.
 * @throws {AlreadyTracedError} when a debugger holds it
 * @throws {FfiUnavailableError} without koffi
 * @throws {NotPermittedError} when the kernel refuses, and what {@link checkInspectable} throws
 */
export function pauseProcess(pid: number, restless: ReadonlySet<number> = new Set()): Pause {
  checkInspectable(pid);
  const libc = loadLibc();
  if (libc === undefined) throw new FfiUnavailableError(`stop process ${pid}`);
  const pause = new ProcessPause(pid, libc, restless);
  try {
    pause.stop();
  } catch (error) {
    pause.abandon();
    throw error;
  }
  return pause;
}

class ProcessPause implements Pause {
  readonly #pid: number;
  readonly #restless: ReadonlySet<number>;
  readonly #alarm: Alarm | undefined;
  readonly #traced: TracedThreads;
  readonly #sleepers = new Map<number, Sleeper>();
  #unstopped: readonly number[] = [];
  #startedAtNs: bigint | undefined;
  #endedAtNs: bigint | undefined;

  constructor(pid: number, libc: Libc, restless: ReadonlySet<number>) {
    this.#restless = restless;
    this.#pid = pid;
    this.#alarm = Alarm.open(libc);
    this.#traced = new TracedThreads(pid, libc, this.#alarm);
  }

  get threadIds(): readonly number[] {
    return [...this.#traced.threadIds, ...this.#sleepers.keys()];
  }

  get unstoppedThreadIds(): readonly number[] {
    return this.#unstopped;
  }

  get sleepingThreadIds(): readonly number[] {
    return [...this.#sleepers.keys()];
  }

  get pausedForNs(): bigint {
    if (this.#startedAtNs === undefined) return 0n;
    return (this.#endedAtNs ?? process.hrtime.bigint()) - this.#startedAtNs;
  }

  /**
   * Threads that run may start others, so that only a pass without a new one proves that all stand still. A thread
   * that ended before it could be seized may have started another too: it takes one more pass. So does one that woke
   * before the others stood still.
   */
  stop(): void {
    const traced = this.#traced;
    const deadline = monotonicMs() + STOP_LIMIT_MS;
    const ended = new Set<number>();
    const late: Tracee[] = [];
    let fresh = this.#findFresh(ended);
    while (fresh.length > 0 && monotonicMs() < deadline) {
      const awake = fresh.filter((id) => !this.#leaveAsleep(id));
      const seized = awake.map((id) => traced.seize(id, ended)).filter((tracee) => tracee !== undefined);
      if (seized.length > 0) this.#startedAtNs ??= process.hrtime.bigint();
      for (const tracee of seized) tracee.interrupt();
      late.push(...traced.waitForStops(seized, deadline));
      for (const id of this.findAwakened()) this.#sleepers.delete(id);
      fresh = this.#findFresh(ended);
    }
    const stillLate = late.filter((tracee) => traced.settle(tracee) !== undefined);
    this.#unstopped = [...stillLate.map((tracee) => tracee.threadId), ...fresh];
    if (traced.threadIds.length + this.#sleepers.size === 0) throw new ProcessExitedError(this.#pid);
  }

  findAwakened(): readonly number[] {
    return [...this.#sleepers.values()].filter((sleeper) => sleeper.hasRun()).map(({ threadId }) => threadId);
  }

  syscallOf(threadId: number): SyscallState | undefined {
    return (this.#traced.find(threadId) ?? this.#sleepers.get(threadId))?.syscall;
  }

  registersOf(threadId: number): ThreadRegisters | undefined {
    return threadRegistersOf(this.syscallOf(threadId), this.#traced.find(threadId));
  }

  endCall(threadId: number, seen: BlockedCall): boolean {
    const tracee = this.#traced.find(threadId);
    return tracee?.interruptionOf(seen) !== undefined && tracee.endCall(seen);
  }

  /** Gives up halfway. A thread that was seized must stop before it can be let go. */
  abandon(): void {
    this.#traced.stopAll(monotonicMs() + STOP_LIMIT_MS);
    this.resume();
  }

  resume(): void {
    if (this.#endedAtNs !== undefined) return;
    for (const tracee of this.#traced.release()) leaveBehind(tracee);
    this.#endedAtNs = process.hrtime.bigint();
    this.#alarm?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.resume();
  }

  /** The threads that run, as far as we know. An execve(2) brings an id back to life whose thread had ended. */
  #findFresh(ended: ReadonlySet<number>): readonly number[] {
    return listThreadIds(this.#pid).filter(
      (id) =>
        this.#traced.find(id) === undefined &&
        !this.#sleepers.has(id) &&
        !(ended.has(id) && this.#traced.hasEnded(id)),
    );
  }

  #leaveAsleep(threadId: number): boolean {
    const sleeper = Sleeper.find(this.#pid, threadId, this.#restless.has(threadId));
    if (sleeper !== undefined) this.#sleepers.set(threadId, sleeper);
    return sleeper !== undefined;
  }
}
