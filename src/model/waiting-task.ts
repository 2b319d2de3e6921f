import type { Address } from '../base/address.ts';
import type { AsyncTask } from './async-task.ts';
import type { CodePlace, Holder, Wait } from './thread-wait.ts';

/** What a task waits for: what threads wait for too, asyncio's own of each kind, or something that no task holds. */
export type TaskWait =
  | Extract<Wait, { readonly kind: 'lock' | 'condition' | 'barrier' | 'event' | 'semaphore' | 'queue' }>
  /** The end of other tasks. */
  | { readonly kind: 'tasks' }
  /** A future, mostly: what goes on when a timer, a socket or a thread says so. */
  | {
      readonly kind: 'awaitable';
      readonly typeName: string;
      readonly address: Address;
      /** The function of asyncio that it has called: `sleep`; `undefined` when it awaits the object itself. */
      readonly call: string | undefined;
    };

/** A task that holds something, or waits for what is held, and what it waits for. */
export interface WaitingTask extends Pick<AsyncTask, 'address' | 'name' | 'coroutineName' | 'state'> {
  readonly interpreterId: number;
  /** The place, among the threads of the report, of the thread that runs its loop; `undefined` when none does. */
  readonly thread: number | undefined;
  /** Where its own program stands: the innermost call that is none of asyncio's. */
  readonly place: CodePlace | undefined;
  /** `undefined` when it runs or is about to. */
  readonly wait: TaskWait | undefined;
  /** It gives up after some time. */
  readonly hasTimeLimit: boolean;
  /** Those that hold what it waits for: of a lock one at most, of a semaphore all that are known. */
  readonly holders: readonly Holder[];
  /** Nobody else holds it, so that it goes on only when one of them does. */
  readonly areAllHolders: boolean;
  /** The tasks whose end it waits for, all of them: places among the tasks of the report. */
  readonly awaits: readonly number[];
}
