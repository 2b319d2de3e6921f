import { FfiUnavailableError } from '../base/errors.ts';
import { Alarm } from './alarm.ts';
import { goFirstInLine, leaveFirstInLine } from './first-in-line.ts';
import { leaveBehind } from './left-behind.ts';
import { type Libc, loadLibc } from './libc.ts';
import { monotonicMs, monotonicNs } from './monotonic-clock.ts';
import { type ThreadRegisters, threadRegistersOf } from './thread-registers.ts';
import { TracedThreads } from './traced-threads.ts';

/** How long threads may take to stop. */
const STOP_LIMIT_MS = 1000;

/** How long others may stand still meanwhile: one that waits for a CPU mostly gets it within some milliseconds. */
const MOST_STILL_MS = 50;

/** Some threads of a process that stand still until they are resumed, while the others run. */
export interface ThreadPause extends Disposable {
  /** Those that came to a stop, of the ones that were to. */
  readonly threadIds: readonly number[];
  /**
   * Time from the last moment when none of them stood still yet until the resume, or until now: before, they run or wait
   * for a CPU as they would without us. 0 when nothing was stopped.
   */
  readonly pausedForNs: number;
  /** The registers that a thread had when it came to its stop, also after the resume; `undefined` for one that did not. */
  registersOf(threadId: number): ThreadRegisters | undefined;
  /** Lets them run on; does nothing the second time. */
  resume(): void;
}

/** Stops threads of one process that run, as {@link pauseProcess} stops all, over and over. */
export class ThreadStops implements Disposable {
  readonly #pid: number;
  readonly #libc: Libc;
  readonly #alarm: Alarm | undefined;

  /** @throws {FfiUnavailableError} without koffi */
  constructor(pid: number) {
    const libc = loadLibc();
    if (libc === undefined) throw new FfiUnavailableError(`stop threads of process ${pid}`);
    this.#pid = pid;
    this.#libc = libc;
    this.#alarm = Alarm.open(libc);
  }

  /**
   * Stops threads; those that have ended are left out. One that does not stop in time is let go when it does: see
   * {@link releaseLeftBehind}.
   * @throws {AlreadyTracedError} when a debugger holds it
   * @throws {NotPermittedError} when the kernel refuses
   */
  pause(threadIds: readonly number[]): ThreadPause {
    const pause = new RunningPause(new TracedThreads(this.#pid, this.#libc, this.#alarm));
    pause.stop(threadIds);
    return pause;
  }

  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
  }
}

class RunningPause implements ThreadPause {
  readonly #traced: TracedThreads;
  #stopped: readonly number[] = [];
  #endedAtNs: number | undefined;

  constructor(traced: TracedThreads) {
    this.#traced = traced;
  }

  get threadIds(): readonly number[] {
    return this.#stopped;
  }

  get pausedForNs(): number {
    if (this.#stopped.length === 0) return 0;
    return (this.#endedAtNs ?? monotonicNs()) - this.#traced.stillSinceNs;
  }

  stop(threadIds: readonly number[]): void {
    const traced = this.#traced;
    const deadline = monotonicMs() + STOP_LIMIT_MS;
    if (threadIds.length > 0) goFirstInLine();
    try {
      const ended = new Set<number>();
      const seized = threadIds.flatMap((id) => traced.seize(id, ended) ?? []);
      for (const tracee of seized) tracee.interrupt();
      const late = new Set(
        traced.waitForStops(seized, deadline, MOST_STILL_MS).map(({ threadId }) => threadId),
      );
      this.#stopped = traced.threadIds.filter((id) => !late.has(id));
    } catch (error) {
      traced.stopAll(monotonicMs() + STOP_LIMIT_MS);
      this.resume();
      throw error;
    }
  }

  registersOf(threadId: number): ThreadRegisters | undefined {
    const tracee = this.#traced.find(threadId);
    return threadRegistersOf(tracee?.syscall, tracee);
  }

  resume(): void {
    if (this.#endedAtNs !== undefined) return;
    for (const tracee of this.#traced.release()) leaveBehind(tracee);
    this.#endedAtNs = monotonicNs();
    leaveFirstInLine();
  }

  [Symbol.dispose](): void {
    this.resume();
  }
}
