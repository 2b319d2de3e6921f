import { AlreadyTracedError, FfiUnavailableError, ProcessExitedError } from '../base/errors.ts';
import { checkInspectable } from './inspectable.ts';
import { leaveBehind, takeBack } from './left-behind.ts';
import { type Libc, loadLibc } from './libc.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { isEndedState } from './proc/stat.ts';
import type { SyscallState } from './proc/syscall.ts';
import { explainRefusal } from './refusal.ts';
import { Sleeper } from './sleeper.ts';
import { listThreadIds, readThreadName, readThreadStat, readThreadStatus } from './thread-files.ts';
import { Tracee } from './tracee.ts';

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
  /** Lets every thread run on; does nothing the second time. */
  resume(): void;
}

/** Where a thread stands. */
export interface ThreadRegisters {
  readonly stackPointer: bigint;
  readonly instructionPointer: bigint;
  /** Where the C library keeps what belongs to the thread: mostly at the top of its stack; `undefined` where unknown. */
  readonly threadPointer: bigint | undefined;
  /** All general registers as NT_PRSTATUS has them; `undefined` where the kernel does not tell. */
  readonly all: Uint8Array | undefined;
}

/** How long a thread may take to stop. */
const STOP_LIMIT_MS = 1000;

/** How long threads in an uninterruptible sleep are waited for, while the others stand still. */
const UNINTERRUPTIBLE_LIMIT_MS = 10;

/** Looks this often without sleeping: most threads stop within microseconds. */
const BUSY_ROUNDS = 20;
const SLEEP_MS = 0.05;
const SLEEP_CELL = new Int32Array(new SharedArrayBuffer(4));

/** A refusal counts when it is repeated this often. */
const SEIZE_ATTEMPTS = 3;

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
  readonly #libc: Libc;
  readonly #restless: ReadonlySet<number>;
  readonly #tracees = new Map<number, Tracee>();
  readonly #sleepers = new Map<number, Sleeper>();
  #unstopped: readonly number[] = [];
  #startedAtNs: bigint | undefined;
  #endedAtNs: bigint | undefined;

  constructor(pid: number, libc: Libc, restless: ReadonlySet<number>) {
    this.#restless = restless;
    this.#pid = pid;
    this.#libc = libc;
  }

  get threadIds(): readonly number[] {
    return [...this.#tracees.keys(), ...this.#sleepers.keys()];
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
    const deadline = monotonicMs() + STOP_LIMIT_MS;
    const ended = new Set<number>();
    const late: Tracee[] = [];
    let fresh = this.#findFresh(ended);
    while (fresh.length > 0 && monotonicMs() < deadline) {
      const awake = fresh.filter((id) => !this.#leaveAsleep(id));
      const seized = awake.map((id) => this.#seize(id, ended)).filter((tracee) => tracee !== undefined);
      if (seized.length > 0) this.#startedAtNs ??= process.hrtime.bigint();
      for (const tracee of seized) tracee.interrupt();
      late.push(...this.#waitForStops(seized, deadline));
      for (const id of this.findAwakened()) this.#sleepers.delete(id);
      fresh = this.#findFresh(ended);
    }
    const stillLate = late.filter((tracee) => this.#settle(tracee) !== undefined);
    this.#unstopped = [...stillLate.map((tracee) => tracee.threadId), ...fresh];
    if (this.#tracees.size + this.#sleepers.size === 0) throw new ProcessExitedError(this.#pid);
  }

  findAwakened(): readonly number[] {
    return [...this.#sleepers.values()].filter((sleeper) => sleeper.hasRun()).map(({ threadId }) => threadId);
  }

  syscallOf(threadId: number): SyscallState | undefined {
    return (this.#tracees.get(threadId) ?? this.#sleepers.get(threadId))?.syscall;
  }

  registersOf(threadId: number): ThreadRegisters | undefined {
    const tracee = this.#tracees.get(threadId);
    const syscall = (tracee ?? this.#sleepers.get(threadId))?.syscall;
    if (syscall === undefined || syscall.kind === 'running') return undefined;
    const { stackPointer, instructionPointer } = syscall;
    const { threadPointer, registers } = tracee ?? {};
    return { stackPointer, instructionPointer, threadPointer, all: registers };
  }

  /** Gives up halfway. A thread that was seized must stop before it can be let go. */
  abandon(): void {
    const tracees = [...this.#tracees.values()];
    for (const tracee of tracees) tracee.interrupt();
    this.#waitForStops(tracees, monotonicMs() + STOP_LIMIT_MS);
    this.resume();
  }

  resume(): void {
    if (this.#endedAtNs !== undefined) return;
    for (const tracee of this.#tracees.values()) {
      if (!tracee.release()) leaveBehind(tracee);
    }
    this.#endedAtNs = process.hrtime.bigint();
  }

  [Symbol.dispose](): void {
    this.resume();
  }

  /** The threads that run, as far as we know. An execve(2) brings an id back to life whose thread had ended. */
  #findFresh(ended: ReadonlySet<number>): readonly number[] {
    return listThreadIds(this.#pid).filter(
      (id) => !this.#tracees.has(id) && !this.#sleepers.has(id) && !(ended.has(id) && this.#hasEnded(id)),
    );
  }

  #leaveAsleep(threadId: number): boolean {
    const sleeper = Sleeper.find(this.#pid, threadId, this.#restless.has(threadId));
    if (sleeper !== undefined) this.#sleepers.set(threadId, sleeper);
    return sleeper !== undefined;
  }

  #seize(threadId: number, ended: Set<number>): Tracee | undefined {
    const left = takeBack(threadId);
    const tracee = left ?? new Tracee(this.#libc, this.#pid, threadId);
    if (left === undefined && !this.#trySeize(tracee, ended)) return undefined;
    this.#tracees.set(threadId, tracee);
    return tracee;
  }

  #trySeize(tracee: Tracee, ended: Set<number>): boolean {
    const { threadId } = tracee;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = tracee.seize();
      if (outcome !== 'refused') return outcome === 'seized';
      // The kernel refuses to trace a zombie too, as a main thread is that ended before the others; for a moment it is
      // also one when another thread calls execve(2) and then takes over its id.
      if (this.#hasEnded(threadId)) {
        ended.add(threadId);
        return false;
      }
      if (attempt === SEIZE_ATTEMPTS) throw explainSeizeRefusal(this.#pid, threadId);
    }
  }

  #hasEnded(threadId: number): boolean {
    const stat = readThreadStat(this.#pid, threadId);
    return stat === undefined || isEndedState(stat.state);
  }

  /** Waits until the tracees stand still; answers those that did not in time. */
  #waitForStops(seized: readonly Tracee[], deadline: number): readonly Tracee[] {
    const startedAt = monotonicMs();
    let waiting = new Set(seized);
    for (let round = 0; ; round += 1) {
      // A thread that stood still may be killed meanwhile, and an execve(2) waits until we have seen the end of it.
      const looked = round < BUSY_ROUNDS ? waiting : new Set([...waiting, ...this.#tracees.values()]);
      waiting = new Set(
        [...looked].map((tracee) => this.#settle(tracee)).filter((tracee) => tracee !== undefined),
      );
      const now = monotonicMs();
      if (waiting.size === 0 || now > deadline) break;
      if (now - startedAt > UNINTERRUPTIBLE_LIMIT_MS && this.#isUninterruptible(waiting)) break;
      if (round >= BUSY_ROUNDS) Atomics.wait(SLEEP_CELL, 0, 0, SLEEP_MS);
    }
    return [...waiting];
  }

  /** Looks how a tracee stands: `undefined` when it is stopped or gone, else the tracee that is to be waited for. */
  #settle(tracee: Tracee): Tracee | undefined {
    const state = tracee.poll();
    if (state === 'stopped') return undefined;
    if (state === 'stopping') return tracee;
    this.#tracees.delete(tracee.threadId);
    if (state === 'ended' || tracee.threadId === this.#pid) return undefined;
    const renamed = this.#tracees.get(this.#pid) ?? new Tracee(this.#libc, this.#pid, this.#pid);
    this.#tracees.set(this.#pid, renamed);
    return renamed;
  }

  #isUninterruptible(tracees: ReadonlySet<Tracee>): boolean {
    return [...tracees].every(({ threadId }) => readThreadStat(this.#pid, threadId)?.state === 'D');
  }
}

/** Makes the error for a thread that the kernel does not let us trace. */
export function explainSeizeRefusal(pid: number, threadId: number): Error {
  // check-errors-ignore: what the kernel said, kept as the cause of the error that is thrown
  const cause = new Error(`PTRACE_SEIZE ${threadId}: EPERM`);
  const tracerPid = readThreadStatus(pid, threadId)?.tracerPid;
  if (tracerPid === undefined) return explainRefusal(pid, cause);
  return new AlreadyTracedError(pid, tracerPid, readThreadName(tracerPid, tracerPid) ?? 'unknown', { cause });
}
