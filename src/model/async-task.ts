import type { Address } from '../base/address.ts';
import type { Frame } from './frame.ts';
import type { Problem } from './problem.ts';
import type { CodePlace } from './thread-wait.ts';

/**
 * What an asyncio task does: `pending` before its first step and when it is about to go on, `waiting` for a future,
 * `running` on a thread; the other three have ended.
 */
export type TaskState = 'pending' | 'waiting' | 'running' | 'finished' | 'cancelled' | 'failed';

/** Where a task was made: a line of the traceback that a loop in debug mode keeps, outermost first. */
export interface TaskOrigin {
  readonly filename: string;
  readonly line: number | undefined;
  readonly name: string;
}

/** One asyncio task. */
export interface AsyncTask {
  /** Address of the task in the target, by which other tasks name it. */
  readonly address: Address;
  /** `undefined` to 3.7, where tasks have none. */
  readonly name: string | undefined;
  readonly state: TaskState;
  /** Qualified name of its coroutine function; the type of what it runs where that is no coroutine of CPython. */
  readonly coroutineName: string | undefined;
  /** From where it stands out to its coroutine, innermost first; with what it called when it runs. */
  readonly frames: readonly Frame[];
  /** What its innermost frame waits for; `undefined` when it waits for nothing. */
  readonly waitsFor: Awaited | undefined;
  /** Addresses of the tasks that wait for this one, directly or by `gather`, `wait`, `shield` or a task group. */
  readonly awaitedBy: readonly Address[];
  /** `undefined` unless the loop was in debug mode when the task was made. */
  readonly origin: readonly TaskOrigin[] | undefined;
  readonly problems: readonly Problem[];
}

/** An object that a task waits for: a future, mostly. */
export interface Awaited {
  readonly address: Address;
  /** `_asyncio.Future`, `asyncio.tasks._GatheringFuture`. */
  readonly typeName: string;
  /** The lock, event, condition, semaphore or queue of asyncio whose method waits, where one does. */
  readonly primitive: AwaitedPrimitive | undefined;
}

/** A lock, event, condition, semaphore or queue of asyncio that a task waits for. */
export interface AwaitedPrimitive {
  readonly address: Address;
  /** `asyncio.locks.Lock`. */
  readonly typeName: string;
  /** A lock is locked, a semaphore has no permit left; `undefined` for what nobody can hold. */
  readonly isHeld: boolean | undefined;
  /** The tasks that stand in the bodies of its `async with` statements; none when two do so that only one can hold it. */
  readonly holders: readonly PrimitiveHolder[];
  /** Nobody else holds it, so that a waiter goes on only when one of them does. */
  readonly areAllHolders: boolean;
}

/** A task that holds a lock or a permit of a semaphore. */
export interface PrimitiveHolder {
  /** Address of the task. */
  readonly task: Address;
  /** The head of the `async with` statement. */
  readonly takenAt: CodePlace | undefined;
}

/** What shows when an event loop last looked for what there is to do. */
export interface LoopTurn {
  /** Callbacks that it will run next. */
  readonly readyCount: number;
  /** How long ago the timer was due that it should have seen first; `undefined` when none is, or no clock is known. */
  readonly overdueSeconds: number | undefined;
}

/** One event loop and its tasks. */
export interface AsyncLoop {
  readonly address: Address;
  /** `asyncio.unix_events._UnixSelectorEventLoop`, `uvloop.Loop`. */
  readonly typeName: string;
  readonly interpreterId: number;
  /** A thread runs it now. */
  readonly isRunning: boolean;
  /** `undefined` where the loop does not tell. */
  readonly isClosed: boolean | undefined;
  /** The kernel's id of the thread that runs it; `undefined` when none does, or it could not be told. */
  readonly osThreadId: number | undefined;
  /** `threading.get_ident()` of that thread. */
  readonly pthreadId: Address | undefined;
  /** `threading.Thread.name` of that thread. */
  readonly threadName: string | undefined;
  /** `undefined` for a loop that no thread runs, and for one that keeps this from Python, as that of uvloop does. */
  readonly turn: LoopTurn | undefined;
  /** In the order in which they were made, as far as their names tell. */
  readonly tasks: readonly AsyncTask[];
}
