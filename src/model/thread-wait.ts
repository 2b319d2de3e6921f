import type { Address } from '../base/address.ts';
import type { ChildProcess, OpenFile } from './open-file.ts';
import type { ThreadActivity, ThreadIdentity, ThreadStack } from './thread-stack.ts';

/** A place in the source of a Python program. */
export interface CodePlace {
  /** `co_filename`. */
  readonly filename: string;
  /** The function: `co_qualname` on versions that have it, else `co_name`. */
  readonly name: string;
  /** `undefined` when the instruction has no line. */
  readonly line: number | undefined;
}

/** How the program itself gets at an object: `self._lock` of an Account, `bank.A`. */
export interface ObjectName {
  readonly path: string;
  /** The object that it is an attribute of; `undefined` for a variable. */
  readonly of: { readonly typeName: string; readonly address: Address } | undefined;
  /** A variable of one call, by which other calls need not know it. */
  readonly isLocal: boolean;
}

/** A Python object that threads wait for. */
export interface WaitedObject {
  readonly typeName: string;
  readonly address: Address;
  /** `undefined` when nothing near the waiting thread leads to it. */
  readonly name: ObjectName | undefined;
}

/** What a blocked thread waits for. */
export type Wait =
  | {
      readonly kind: 'lock';
      readonly object: WaitedObject;
      /** `false` at a moment when it was let go of and the thread has not woken yet; `undefined` where that is not known. */
      readonly isLocked: boolean | undefined;
    }
  | { readonly kind: 'gil' }
  | { readonly kind: 'condition' | 'barrier'; readonly object: WaitedObject }
  | { readonly kind: 'event'; readonly object: WaitedObject }
  | { readonly kind: 'semaphore'; readonly object: WaitedObject; readonly value: number | undefined }
  | SharedSemaphoreWait
  | {
      readonly kind: 'queue';
      readonly operation: 'get' | 'put' | 'join';
      readonly object: WaitedObject;
      /** Items in it. */
      readonly length: number | undefined;
      /** 0 for a queue without a limit. */
      readonly maxSize: number | undefined;
      /** Items that were taken and not reported as done. */
      readonly unfinished: number | undefined;
    }
  /** The end of another thread, as threading calls it. */
  | { readonly kind: 'join'; readonly object: WaitedObject; readonly threadName: string | undefined }
  /** `PENDING`, `RUNNING`. */
  | { readonly kind: 'future'; readonly object: WaitedObject; readonly state: string | undefined }
  | { readonly kind: 'import-lock'; readonly moduleName: string | undefined }
  /** A mutex of the C library, in native code. */
  | { readonly kind: 'mutex'; readonly address: Address }
  /** Some other lock of native code. */
  | { readonly kind: 'futex'; readonly address: Address }
  | SystemCallWait;

/** A semaphore that several processes use, as the locks, conditions, events and queues of multiprocessing do. */
export interface SharedSemaphoreWait {
  readonly kind: 'shared-semaphore';
  readonly object: WaitedObject;
  /** The method of the object that waits: `acquire`, `put`. */
  readonly operation: string;
  /** How often it can be taken now; `undefined` where that memory is not at hand. */
  readonly value: number | undefined;
  readonly maxValue: number;
  /** Whether nobody but another process can have taken it; `undefined` where that cannot be told. */
  readonly isTakenElsewhere: boolean | undefined;
}

/** A system call that waits for something outside of the process, or for some time. */
export interface SystemCallWait {
  readonly kind: 'system-call';
  /** `epoll_wait`; `undefined` for one that we have no name of. */
  readonly name: string | undefined;
  /** One of which it waits for, as far as that is known. */
  readonly files: readonly OpenFile[];
  /** `any` when it waits for whichever child ends first. */
  readonly child: ChildProcess | 'any' | undefined;
  /** How long it lasts at most, counted from its start. */
  readonly lastsSeconds: number | undefined;
  /** How long it lasts at most from the moment of the report on. */
  readonly remainingSeconds: number | undefined;
}

/** How it is known who holds something. */
export type HolderEvidence =
  /** The lock, or the interpreter, says it. */
  | 'owner'
  /** It stands in the body of a `with` or `async with` statement of the lock. */
  | 'with'
  /** It is the thread whose end is waited for. */
  | 'joined';

/** A thread or a task that holds what another one waits for. */
export interface Holder {
  /** Its place among the threads of the report; `undefined` for a task, and for a thread that runs no Python. */
  readonly thread: number | undefined;
  /** Its place among the tasks of the report; `undefined` for a thread. */
  readonly task: number | undefined;
  readonly osThreadId: number | undefined;
  readonly evidence: HolderEvidence;
  /** Where it took it: the head of the `with` statement. */
  readonly takenAt: CodePlace | undefined;
}

/** A thread and what it waits for. */
export interface WaitingThread extends ThreadIdentity, Pick<ThreadStack, 'gil'> {
  readonly activity: ThreadActivity;
  /** Where its own program stands: the innermost call that is none of the library's locks. */
  readonly place: CodePlace | undefined;
  /** `undefined` when it runs, or when nothing is known of what it waits for. */
  readonly wait: Wait | undefined;
  /** Whether it waits no longer than some time; `undefined` when that could not be told. */
  readonly hasTimeLimit: boolean | undefined;
  /** `undefined` when nobody can be named. */
  readonly holder: Holder | undefined;
}
