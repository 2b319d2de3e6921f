import type { Cancellation } from '../../base/cancellation.ts';
import { EvaluationCancelledError, InjectionTimedOutError } from '../../base/errors.ts';
import { isFinalizing } from '../../cpython/finalizing.ts';
import { HOLDABLE_ARCHITECTURE } from '../../platform/interruption.ts';
import { monotonicMs } from '../../platform/monotonic-clock.ts';
import { listThreadIds, readThreadStat, readThreadSyscall } from '../../platform/thread-files.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { isLockWait } from './blocked-calls.ts';
import { checkCallFilters } from './call-filters.ts';
import type { CallChain } from './call-frame.ts';
import { GilMotion } from './gil-motion.ts';
import { InjectionRun } from './injection-run.ts';
import { mayWaitForLock, nudge } from './nudge.ts';
import { clearText, type QueuedCall, queueProgram, remind, withdraw } from './pending-call.ts';
import type { PythonThread, PythonThreads } from './python-threads.ts';
import { runByRemoteDebugging } from './remote-debug.ts';
import { borrowThread, findCallChain, recall } from './thread-call.ts';

/**
 * How a program is brought in. `remote-debug`: by PEP 768 (3.14+). `pending-call`: as a call that the interpreter makes at
 * its next safe point. `thread-call`: by a thread that sleeps in a system call, as if a signal handler made the call.
 */
export type InjectionMethod = 'remote-debug' | 'pending-call' | 'thread-call';

/**
 * A program that is to run inside a target, and how it is known that it does. Text and path are asked for right before the target
 * hears of them, and not while a thread of it stands still, so that they may be made then.
 */
export interface InjectedProgram {
  /**
   * Short Python source (about 640 bytes at most, ASCII) that runs once in the target, in the main interpreter. It
   * swallows all its exceptions itself.
   */
  readonly text: string;
  /** The file with the same program, as the target sees it: for `remote-debug`, and where memory has no room for it. */
  readonly path: string;
  /** Tells whether it has begun to run: looked at again and again, cheap, synchronous. */
  hasRun(): boolean;
  /** Hears from when until when a thread may run the file at `path`, which must be there for as long. */
  onAwaited?(isAwaited: boolean): void;
}

/** How a program is wished to be run. */
export interface InjectionWish {
  /** The only way that may be tried; when left out, the one that fits what the target does. */
  readonly how?: InjectionMethod | undefined;
  readonly timeoutMs: number;
  readonly onStep?: (step: string) => void;
  readonly signal?: Cancellation;
}

/** How a program was run. */
export interface Injection {
  readonly method: InjectionMethod;
  /** A thread was woken from a system call, which it then tried again. */
  readonly nudged: boolean;
  /** What was done, a line each. */
  readonly steps: readonly string[];
}

/** How long a pending call waits before something else is tried: for a main thread that runs, and for one that sleeps. */
const PATIENCE_MS = { running: 500, asleep: 50 } as const;

const REMINDER_INTERVAL_MS = 20;

/**
 * Makes the target run a program once.
 * @throws {InjectionRefusedError} with the obstacle; nothing was changed
 * @throws {InjectionTimedOutError} when it did not begin in time; everything was taken back, as when it is called off
 */
export async function inject(
  target: LiveTarget,
  program: InjectedProgram,
  wish: InjectionWish,
): Promise<Injection> {
  using run = new InjectionRun(target, program, wish);
  checkWillingness(run);
  const hasRemoteDebugging = target.runtime.layout.remoteDebugger !== undefined;
  checkMethod(run, wish.how, hasRemoteDebugging);
  const outcome = hasRemoteDebugging ? await byRemoteDebugging(run) : await byCalls(run, wish.how);
  if (outcome !== undefined) return { ...outcome, steps: run.steps };
  if (wish.signal?.aborted === true) throw new EvaluationCancelledError('attaching was called off');
  throw new InjectionTimedOutError(run.pid, wish.timeoutMs, describeHolder(run));
}

type Outcome = Pick<Injection, 'method' | 'nudged'>;

function checkWillingness(run: InjectionRun): void {
  const { target, code } = run;
  const { layout, version } = target.runtime;
  if (layout.unicode === undefined)
    throw run.refusal('version', 'it runs CPython 2.7, and 3.6 is the first that can be asked');
  if (HOLDABLE_ARCHITECTURE === undefined)
    throw run.refusal('architecture', 'that is only known for x86-64 and aarch64');
  if (version.isFreeThreaded)
    throw run.refusal(
      'free-threaded',
      'it is a free-threaded build, whose other threads would run on while code is brought in and functions are changed',
    );
  const states = listThreadIds(target.pid).map((id) => readThreadStat(target.pid, id)?.state);
  if (states.includes('T')) throw run.refusal('stopped', 'it is stopped by a signal');
  if (code.isFinalizing || isFinalizing(target.changingMemory, target.runtime))
    throw run.refusal('finalizing', 'its interpreter is shutting down');
  checkCallFilters(run);
}

function checkMethod(run: InjectionRun, how: InjectionMethod | undefined, hasRemoteDebugging: boolean): void {
  if (how === undefined || (how === 'remote-debug') === hasRemoteDebugging) return;
  const state = hasRemoteDebugging
    ? 'CPython 3.14 and later is asked by remote debugging only'
    : 'CPython before 3.14 has no remote debugging';
  throw run.refusal('no-thread', state);
}

async function byRemoteDebugging(run: InjectionRun): Promise<Outcome | undefined> {
  const found = await runByRemoteDebugging(run);
  return found && { method: 'remote-debug', nudged: found.nudged };
}

/** To 3.13: by a pending call where that is going to be made, else by a thread that sleeps, in turns until the end. */
async function byCalls(run: InjectionRun, how: InjectionMethod | undefined): Promise<Outcome | undefined> {
  const chain = how === 'pending-call' ? undefined : chainOf(run, how);
  do {
    const outcome = await once(run, how, chain);
    if (outcome !== undefined) return outcome;
  } while (run.remainingMs > 0);
  return undefined;
}

async function once(
  run: InjectionRun,
  how: InjectionMethod | undefined,
  chain: CallChain | undefined,
): Promise<Outcome | undefined> {
  const look = run.look();
  if (chain === undefined) return byPendingCall(run, look, true);
  if (how === 'thread-call') return byThreadCall(run, look, chain);
  const byThread = (now: PythonThreads) => byThreadCall(run, now, chain);
  const byCall = () => byPendingCall(run, look, false);
  // A main thread that sleeps makes its calls when it wakes: who knows when.
  if (isAsleep(mainOf(look))) return (await byThread(look)) ?? (await byCall());
  return (await byCall()) ?? (await byThread(run.look()));
}

/** Without the code for it, threads are not borrowed, unless nothing else is wished for. */
function chainOf(run: InjectionRun, how: InjectionMethod | undefined): CallChain | undefined {
  try {
    return findCallChain(run);
  } catch (error) {
    if (how === 'thread-call') throw error;
    return undefined;
  }
}

function mainOf({ threads }: PythonThreads): PythonThread | undefined {
  return threads.find(({ isMain }) => isMain);
}

/** Whether it sleeps in a call that does not run pending calls when it is interrupted, as waiting for a lock does. */
function isAsleep(thread: PythonThread | undefined): boolean {
  return (
    thread === undefined ||
    (thread.syscall?.kind === 'inside' && !thread.waitsForGil && !isLockWait(thread.syscall))
  );
}

async function byPendingCall(
  run: InjectionRun,
  look: PythonThreads,
  isOnly: boolean,
): Promise<Outcome | undefined> {
  const queued = await queueProgram(run);
  const main = mainOf(look);
  if (queued === undefined) {
    await run.waitUntilRun(Math.min(run.remainingMs, REMINDER_INTERVAL_MS));
    return undefined;
  }
  let nudged = queued.isNudged;
  const remindAndNudge = (): void => {
    remind(run);
    if (main === undefined || !nudgeOutOfLock(run, main)) return;
    if (!nudged) run.step(`nudged thread ${main.id}`);
    nudged = true;
  };
  remindAndNudge();
  const patience = isOnly ? run.remainingMs : PATIENCE_MS[isAsleep(main) ? 'asleep' : 'running'];
  const hasRun = await run.waitUntilRun(Math.min(run.remainingMs, patience), everySoOften(remindAndNudge));
  return hasRun || (await wasTaken(run, queued)) ? finish(run, queued, nudged) : undefined;
}

function nudgeOutOfLock(run: InjectionRun, seen: PythonThread): boolean {
  const thread = { ...seen, syscall: readThreadSyscall(run.pid, seen.id) };
  return mayWaitForLock(thread) && nudge(run, thread);
}

function everySoOften(act: () => void): () => void {
  let nextMs = monotonicMs() + REMINDER_INTERVAL_MS;
  return () => {
    if (monotonicMs() < nextMs) return;
    act();
    nextMs = monotonicMs() + REMINDER_INTERVAL_MS;
  };
}

/** Takes a pending call back; `true` when it was too late for that and the program runs. */
async function wasTaken(run: InjectionRun, queued: QueuedCall): Promise<boolean> {
  if ((await withdraw(run, queued)) === 'withdrawn') {
    run.step('took the pending call back');
    return false;
  }
  return run.waitUntilBegun();
}

function finish(run: InjectionRun, queued: QueuedCall, nudged: boolean): Outcome {
  clearText(run, queued);
  return { method: 'pending-call', nudged };
}

async function byThreadCall(
  run: InjectionRun,
  look: PythonThreads,
  chain: CallChain,
): Promise<Outcome | undefined> {
  const motion = new GilMotion(run);
  const until = monotonicMs() + Math.min(run.remainingMs, PATIENCE_MS.asleep);
  while (!motion.look()) {
    if (monotonicMs() >= until) return undefined;
    await run.waitUntilRun(1);
  }
  const borrowed = borrowThread(run, look, chain);
  if (borrowed === undefined) {
    await run.waitUntilRun(Math.min(run.remainingMs, 5));
    return undefined;
  }
  const outcome: Outcome = { method: 'thread-call', nudged: false };
  if (await run.waitUntilRun(run.remainingMs)) return outcome;
  const recalled = recall(run, borrowed);
  if (recalled === 'recalled') return undefined;
  return (await run.waitUntilBegun()) ? outcome : undefined;
}

/** Says what kept the program from running. */
function describeHolder(run: InjectionRun): string {
  const { threads, gilHolder } = run.look();
  const holder = threads.find(({ state }) => state === gilHolder);
  if (holder !== undefined) return `thread ${holder.id} holds the GIL`;
  if (gilHolder !== undefined) return 'a thread of another interpreter holds the GIL';
  const main = threads.find(({ isMain }) => isMain);
  return main === undefined ? 'it has no main thread' : `its main thread ${main.id} runs no Python code`;
}
