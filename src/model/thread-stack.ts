import type { Address } from '../base/address.ts';
import type { Frame } from './frame.ts';
import type { MergedFrame, NativeStack } from './native-frame.ts';
import type { Problem } from './problem.ts';

/** What a thread has to do with its interpreter's lock. `undefined` elsewhere means: could not be told. */
export type GilState = 'holds' | 'waits' | 'drops' | 'none';

/** What the operating system says that a thread does. */
export type ThreadActivity =
  | { readonly state: 'running' }
  | {
      readonly state: 'blocked';
      /** Number of the system call; its name where we know it: `epoll_wait`. */
      readonly syscall: number;
      readonly syscallName: string | undefined;
      /** The six argument registers. */
      readonly args: readonly bigint[];
    }
  /** Stopped by a signal or by a tracer that was there before us. */
  | { readonly state: 'stopped' }
  | { readonly state: 'unknown' };

/** A thread that no interpreter knows, and its native calls. */
export interface NativeThread {
  /** The kernel's id in the pid namespace that we run in. */
  readonly osThreadId: number;
  /** The id in the target's own pid namespace, when it has another. */
  readonly innerThreadId: number | undefined;
  /** The kernel's name of the thread (comm, at most 15 bytes). */
  readonly kernelName: string | undefined;
  readonly activity: ThreadActivity;
  /** User and system time since the thread began. */
  readonly cpuTimeNs: bigint | undefined;
  /** `undefined` when it could not be read. */
  readonly native: NativeStack | undefined;
}

/** By what a thread is known. */
export interface ThreadIdentity {
  readonly interpreterId: number;
  /** Address of its PyThreadState. */
  readonly threadState: Address;
  /** The kernel's id in the pid namespace that we run in; `undefined` for a terminated thread. */
  readonly osThreadId: number | undefined;
  /** The id in the target's own pid namespace, when it has another. */
  readonly innerThreadId: number | undefined;
  /** `threading.get_ident()`: a pthread_t. */
  readonly pthreadId: Address | undefined;
  /** The kernel's name of the thread (comm, at most 15 bytes). */
  readonly kernelName: string | undefined;
  /** `threading.Thread.name`, when the threading module knows the thread. */
  readonly pythonName: string | undefined;
  readonly isMainThread: boolean;
}

/** One thread of one interpreter and its Python frames, innermost first. */
export interface ThreadStack extends ThreadIdentity {
  /** Ended, but its state not yet freed (seen on 3.10 and before). */
  readonly isTerminated: boolean;
  readonly gil: GilState | undefined;
  readonly isCollectingGarbage: boolean | undefined;
  readonly activity: ThreadActivity;
  /** User and system time since the thread began. */
  readonly cpuTimeNs: bigint | undefined;
  readonly frames: readonly Frame[];
  /** The native calls of the whole thread; `undefined` when they were not asked for, or could not be read. */
  readonly native: NativeStack | undefined;
  /**
   * Python frames and native calls in their order, innermost first: each evaluation loop is replaced by the frames that
   * it runs. `undefined` without native calls, and when it could not be told which loop runs which frames.
   */
  readonly merged: readonly MergedFrame[] | undefined;
  /** Orders the states of several interpreters that run nested on one thread: outermost has the highest (3.11+). */
  readonly stackAnchor: Address | undefined;
  readonly problems: readonly Problem[];
}
