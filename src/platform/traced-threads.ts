import { AlreadyTracedError, FfiUnavailableError } from '../base/errors.ts';
import type { Alarm } from './alarm.ts';
import { takeBack } from './left-behind.ts';
import { type Libc, loadLibc } from './libc.ts';
import { monotonicMs, monotonicNs } from './monotonic-clock.ts';
import { isEndedState } from './proc/stat.ts';
import { explainRefusal } from './refusal.ts';
import { listThreadIds, readThreadName, readThreadStat, readThreadStatus } from './thread-files.ts';
import { Tracee } from './tracee.ts';

/** How long threads in an uninterruptible sleep are waited for, while the others stand still. */
const UNINTERRUPTIBLE_LIMIT_MS = 10;

/** Looks this often without sleeping: a thread that runs on another CPU stops within microseconds. */
const BUSY_ROUNDS = 4;
/** How long we sleep between two looks where nothing wakes us. */
const SLEEP_MS = 0.05;
const SLEEP_CELL = new Int32Array(new SharedArrayBuffer(4));

/**
 * A refusal counts when it is repeated this often, with a pause in between: who samples with stops, as another pyflight may, holds a
 * thread for less than a millisecond.
 */
const SEIZE_ATTEMPTS = 20;
const SEIZE_AGAIN_MS = 1;

/** How long threads are waited for. */
interface WaitLimits {
  readonly startedAt: number;
  readonly deadline: number;
  readonly mostStillMs: number;
}

/** Threads of one process that we trace: they are stopped by PTRACE_SEIZE and PTRACE_INTERRUPT and let go together. */
export class TracedThreads {
  readonly #pid: number;
  readonly #libc: Libc;
  readonly #alarm: Alarm | undefined;
  readonly #tracees = new Map<number, Tracee>();
  /** Since when threads may have stood still: when none of those that were waited for last were seen to do yet; NaN before. */
  #stillSinceNs = Number.NaN;

  /** @param alarm ends waits for what does not come; without one, it is looked for again and again */
  constructor(pid: number, libc: Libc, alarm: Alarm | undefined) {
    this.#alarm = alarm;
    this.#pid = pid;
    this.#libc = libc;
  }

  get stillSinceNs(): number {
    return this.#stillSinceNs;
  }

  get threadIds(): readonly number[] {
    return [...this.#tracees.keys()];
  }

  find(threadId: number): Tracee | undefined {
    return this.#tracees.get(threadId);
  }

  /**
   * Takes hold of a thread, which runs on until it is interrupted. `undefined` for one that is not there any more.
   * @param ended gets the id of one that has ended and not been waited for
   * @throws {AlreadyTracedError | NotPermittedError} when the kernel refuses
   */
  seize(threadId: number, ended: Set<number>): Tracee | undefined {
    const left = takeBack(threadId);
    const tracee = left ?? new Tracee(this.#libc, this.#pid, threadId);
    if (left === undefined && !this.#trySeize(tracee, ended)) return undefined;
    this.#tracees.set(threadId, tracee);
    return tracee;
  }

  /** Whether there is nothing left of a thread that runs. */
  hasEnded(threadId: number): boolean {
    const stat = readThreadStat(this.#pid, threadId);
    return stat === undefined || isEndedState(stat.state);
  }

  /**
   * Waits until threads that were interrupted stand still; answers those that did not in time.
   * @param mostStillMs for how long at most the first of them may stand still meanwhile
   */
  waitForStops(
    interrupted: readonly Tracee[],
    deadline: number,
    mostStillMs = Number.POSITIVE_INFINITY,
  ): readonly Tracee[] {
    const startedAt = monotonicMs();
    let waiting = interrupted;
    let sleep: 'none' | 'until-stop' | 'long' = 'none';
    this.#stillSinceNs = monotonicNs();
    for (let round = 1; ; round += 1) {
      const lookedAtNs = monotonicNs();
      // A thread that stood still may be killed meanwhile, and an execve(2) waits until we have seen the end of it.
      waiting = this.#settleAll(sleep === 'long' ? [...waiting, ...this.#tracees.values()] : waiting);
      // The one that has woken us has only just stopped.
      const moving = waiting.length + (sleep === 'until-stop' ? 1 : 0);
      if (moving >= interrupted.length) this.#stillSinceNs = lookedAtNs;
      const [next] = waiting;
      if (next === undefined || this.#isGivenUp(waiting, { startedAt, deadline, mostStillMs }))
        return waiting;
      if (round >= BUSY_ROUNDS) sleep = this.#sleepUntilStop(next) ? 'until-stop' : 'long';
    }
  }

  #isGivenUp(waiting: readonly Tracee[], { startedAt, deadline, mostStillMs }: WaitLimits): boolean {
    const now = monotonicMs();
    if (now > deadline || now - this.#stillSinceNs / 1e6 > mostStillMs) return true;
    return now - startedAt > UNINTERRUPTIBLE_LIMIT_MS && this.#isUninterruptible(waiting);
  }

  /** Looks how tracees stand, and answers those that are to be waited for. */
  #settleAll(tracees: readonly Tracee[]): readonly Tracee[] {
    const settled = [...new Set(tracees)].map((tracee) => this.settle(tracee));
    return [...new Set(settled.filter((tracee) => tracee !== undefined))];
  }

  /** `false` when we were woken by the clock. */
  #sleepUntilStop(tracee: Tracee): boolean {
    if (this.#alarm === undefined) {
      Atomics.wait(SLEEP_CELL, 0, 0, SLEEP_MS);
      return false;
    }
    this.#alarm.set();
    const hasStopped = tracee.sleepUntilStop();
    this.#alarm.clear();
    return hasStopped;
  }

  /** Looks how a tracee stands: `undefined` when it is stopped or gone, else the tracee that is to be waited for. */
  settle(tracee: Tracee): Tracee | undefined {
    const state = tracee.poll();
    if (state === 'stopped') return undefined;
    if (state === 'stopping') return tracee;
    this.#tracees.delete(tracee.threadId);
    if (state === 'ended' || tracee.threadId === this.#pid) return undefined;
    const renamed = this.#tracees.get(this.#pid) ?? new Tracee(this.#libc, this.#pid, this.#pid);
    this.#tracees.set(this.#pid, renamed);
    return renamed;
  }

  /** Asks all to stop that were seized, and waits for it: one that has not stopped cannot be let go. */
  stopAll(deadline: number): void {
    const tracees = [...this.#tracees.values()];
    for (const tracee of tracees) tracee.interrupt();
    this.waitForStops(tracees, deadline);
  }

  /** Lets go of all, and answers those that cannot be let go yet. */
  release(): readonly Tracee[] {
    return [...this.#tracees.values()].filter((tracee) => !tracee.release());
  }

  #trySeize(tracee: Tracee, ended: Set<number>): boolean {
    const { threadId } = tracee;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = tracee.seize();
      if (outcome !== 'refused') return outcome === 'seized';
      // The kernel refuses to trace a zombie too, as a main thread is that ended before the others; for a moment it is
      // also one when another thread calls execve(2) and then takes over its id.
      if (this.hasEnded(threadId)) {
        ended.add(threadId);
        return false;
      }
      if (attempt === SEIZE_ATTEMPTS) throw explainSeizeRefusal(this.#pid, threadId);
      Atomics.wait(SLEEP_CELL, 0, 0, SEIZE_AGAIN_MS);
    }
  }

  #isUninterruptible(tracees: readonly Tracee[]): boolean {
    return tracees.every(({ threadId }) => readThreadStat(this.#pid, threadId)?.state === 'D');
  }
}

/**
 * Checks that threads of a process can be stopped, without stopping any: whoever may read its memory may trace it too.
 * @throws {AlreadyTracedError} when a debugger holds it
 * @throws {FfiUnavailableError} without koffi
 */
export function checkStoppable(pid: number): void {
  if (loadLibc() === undefined) throw new FfiUnavailableError(`stop process ${pid}`);
  const traced = listThreadIds(pid).find((id) => readThreadStatus(pid, id)?.tracerPid !== undefined);
  if (traced !== undefined) throw explainSeizeRefusal(pid, traced);
}

/** Makes the error for a thread that the kernel does not let us trace. */
export function explainSeizeRefusal(pid: number, threadId: number): Error {
  // check-errors-ignore: what the kernel said, kept as the cause of the error that is thrown
  const cause = new Error(`PTRACE_SEIZE ${threadId}: EPERM`);
  const tracerPid = readThreadStatus(pid, threadId)?.tracerPid;
  if (tracerPid === undefined) return explainRefusal(pid, cause);
  return new AlreadyTracedError(pid, tracerPid, readThreadName(tracerPid, tracerPid) ?? 'unknown', { cause });
}
