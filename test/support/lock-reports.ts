import { toAddress } from '../../src/base/address.ts';
import type { Deadlock, LockReport } from '../../src/model/lock-report.ts';
import type { CodePlace, Holder, Wait, WaitingThread } from '../../src/model/thread-wait.ts';
import type { WaitingTask } from '../../src/model/waiting-task.ts';
import { makeSnapshot } from './snapshots.ts';

/** Makes a thread that waits in futex(2), and for nothing that is known, unless told otherwise. */
export function makeWaitingThread(changes: Partial<WaitingThread> = {}): WaitingThread {
  return {
    interpreterId: 0,
    threadState: toAddress(0x5555_0000_1000),
    osThreadId: 5011,
    innerThreadId: undefined,
    pthreadId: toAddress(0x7f21_e0a3_c740),
    kernelName: 'python',
    pythonName: 'worker-1',
    isMainThread: false,
    gil: 'none',
    activity: { state: 'blocked', syscall: 202, syscallName: 'futex', args: [0n, 0n, 0n, 0n, 0n, 0n] },
    place: place(14, 'transfer'),
    wait: undefined,
    hasTimeLimit: false,
    holder: undefined,
    ...changes,
  };
}

/** Makes a place in `/srv/shop/bank.py`. */
export function place(line: number, name: string): CodePlace {
  return { filename: '/srv/shop/bank.py', name, line };
}

/** Makes a wait for a lock that is a global of the main program. */
export function lockWait(path: string): Extract<Wait, { readonly kind: 'lock' }> {
  const name = { path, of: undefined, isLocal: false };
  const object = { typeName: '_thread.lock', address: toAddress(0x7f00_0000_1000), name };
  return { kind: 'lock', object, isLocked: true };
}

/** Makes a thread of the report that stands in the body of a `with` statement. */
export function holderAt(thread: number, line: number): Holder {
  return {
    thread,
    task: undefined,
    osThreadId: 5011 + thread,
    evidence: 'with',
    takenAt: place(line, 'transfer'),
  };
}

/** Makes a task of the report that stands in the body of a `with` statement. */
export function taskHolderAt(task: number, line: number): Holder {
  return {
    thread: undefined,
    task,
    osThreadId: undefined,
    evidence: 'with',
    takenAt: place(line, 'transfer'),
  };
}

/** Makes a deadlock of threads of the report. */
export function deadlockOf(...threads: readonly number[]): Deadlock {
  return { parties: threads.map((at) => ({ kind: 'thread', at })), hasTimeLimit: false };
}

/** Makes a task that waits for a future, unless told otherwise. */
export function makeWaitingTask(changes: Partial<WaitingTask> = {}): WaitingTask {
  return {
    interpreterId: 0,
    address: toAddress(0x7f00_0006_0000),
    name: 'payer-1',
    coroutineName: 'transfer',
    state: 'waiting',
    thread: undefined,
    place: place(14, 'transfer'),
    wait: {
      kind: 'awaitable',
      typeName: '_asyncio.Future',
      address: toAddress(0x7f00_0007_0000),
      call: 'sleep',
    },
    hasTimeLimit: false,
    holders: [],
    areAllHolders: false,
    awaits: [],
    ...changes,
  };
}

/** Makes a report of process 5010 with these threads. */
export function makeLockReport(
  threads: readonly WaitingThread[],
  changes: Partial<LockReport> = {},
): LockReport {
  const { process, takenAt, pauseNs } = makeSnapshot([]);
  return {
    process,
    takenAt,
    pauseNs,
    threads,
    tasks: [],
    loops: [],
    deadlocks: [],
    problems: [],
    ...changes,
  };
}
