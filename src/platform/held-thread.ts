import { FfiUnavailableError } from '../base/errors.ts';
import type { Interruption, StandingPoint } from './interruption.ts';
import { leaveBehind, takeBack } from './left-behind.ts';
import { loadLibc } from './libc.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { isEndedState } from './proc/stat.ts';
import type { BlockedCall } from './proc/syscall.ts';
import { readThreadStat, readThreadSyscall } from './thread-files.ts';
import { explainSeizeRefusal } from './traced-threads.ts';
import { Tracee } from './tracee.ts';

/** How long a thread may take to stop. */
const STOP_LIMIT_MS = 250;

/** Looks this often without sleeping: most threads stop within microseconds. */
const BUSY_ROUNDS = 50;
const SLEEP_MS = 0.05;
const SLEEP_CELL = new Int32Array(new SharedArrayBuffer(4));

/**
 * One thread of a process that stands still until it is let go, while the others run. Synchronous, and to be let go in
 * the same tick, as a pause is. Whatever becomes of us meanwhile, the kernel lets the thread run on with the
 * registers that it has at that moment.
 */
export class HeldThread implements Disposable {
  readonly threadId: number;
  readonly #tracee: Tracee;
  /** What the thread slept in before it was stopped. */
  readonly #seen: BlockedCall | undefined;
  #isHeld = true;
  #isChanged = false;

  private constructor(tracee: Tracee, seen: BlockedCall | undefined) {
    this.#tracee = tracee;
    this.#seen = seen;
    this.threadId = tracee.threadId;
  }

  /**
   * Stops a thread; `undefined` when it has ended, does not come to a stop soon, or is about to be handed a signal.
   * @throws {AlreadyTracedError | NotPermittedError | FfiUnavailableError} as the names say
   */
  static hold(pid: number, threadId: number): HeldThread | undefined {
    const libc = loadLibc();
    if (libc === undefined) throw new FfiUnavailableError(`stop thread ${threadId} of process ${pid}`);
    const left = takeBack(threadId);
    if (left !== undefined) {
      leaveBehind(left);
      return undefined;
    }
    const seen = readThreadSyscall(pid, threadId);
    const tracee = new Tracee(libc, pid, threadId, 'borrowed');
    const outcome = tracee.seize();
    if (outcome === 'refused') {
      const stat = readThreadStat(pid, threadId);
      if (stat === undefined || isEndedState(stat.state)) return undefined;
      throw explainSeizeRefusal(pid, threadId);
    }
    if (outcome === 'gone') return undefined;
    const held = new HeldThread(tracee, seen?.kind === 'inside' ? seen : undefined);
    tracee.interrupt();
    if (waitForStop(tracee) && !tracee.holdsSignal) return held;
    held.release();
    return undefined;
  }

  /** The general registers as they were when the thread came to its stop; `undefined` where they cannot be read. */
  get registers(): Uint8Array | undefined {
    return this.#tracee.registers;
  }

  /** See {@link Tracee.point}. */
  get point(): StandingPoint | undefined {
    return this.#tracee.point;
  }

  /** See {@link Tracee.interruptionOf}. */
  interruptionOf(seen: BlockedCall): Interruption | undefined {
    return this.#tracee.interruptionOf(seen);
  }

  /** See {@link Tracee.endCall}. */
  endCall(seen: BlockedCall): boolean {
    this.#isChanged = true;
    return this.#tracee.endCall(seen);
  }

  /** See {@link Tracee.readExtendedState}. */
  readExtendedState(): Uint8Array | undefined {
    return this.#tracee.readExtendedState();
  }

  /** See {@link Tracee.readSignalMask}. */
  readSignalMask(): bigint | undefined {
    return this.#tracee.readSignalMask();
  }

  /** See {@link Tracee.readFilters}. */
  readFilters(): readonly Uint8Array[] | undefined {
    return this.#tracee.readFilters();
  }

  /** Gives the thread other general registers, all at once; `false` when it has ended. */
  writeRegisters(registers: Uint8Array): boolean {
    this.#isChanged = true;
    return this.#tracee.writeRegisters(registers);
  }

  /**
   * Lets the thread run on; does nothing the second time. With the registers that it had, a system call that our
   * interrupt ended begins again.
   */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (!this.#isChanged) this.#tracee.repeatInterruptedCall(this.#seen);
    if (!this.#tracee.release()) leaveBehind(this.#tracee);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

function waitForStop(tracee: Tracee): boolean {
  const deadline = monotonicMs() + STOP_LIMIT_MS;
  for (let round = 0; ; round += 1) {
    const state = tracee.poll();
    if (state !== 'stopping') return state === 'stopped';
    if (monotonicMs() > deadline) return false;
    if (round >= BUSY_ROUNDS) Atomics.wait(SLEEP_CELL, 0, 0, SLEEP_MS);
  }
}
