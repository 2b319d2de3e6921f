import type { Address } from '../base/address.ts';
import { findTasks } from '../cpython/asyncio/task-lists.ts';
import type { ObjectReader } from '../cpython/objects/object-reader.ts';
import type { KnownPath, TaskPaths } from './task-paths.ts';
import type { PageCache } from '../base/page-cache.ts';

/** An interpreter whose tasks are looked at, and its threads by their states. */
export interface TaskOwner {
  readonly interpreter: Address;
  readonly threadStates: readonly Address[];
}

/** A stack at which tasks wait in this moment. */
export interface WaitingStack {
  /** The state of the thread that runs their loop. */
  readonly threadState: Address;
  readonly stack: number;
  /** How many tasks wait there, as far as those that were looked at tell. */
  count: number;
}

/** What became of looks at tasks that wait. */
export interface TaskLookCounts {
  /** The most tasks that there were at one time. */
  most: number;
  /** Tasks that were read. */
  read: number;
  /** Tasks that the stacks in the profile stand for. */
  stoodFor: number;
  /** Those that changed each time while they were read, or had ended. */
  lost: number;
}

/** So many tasks are read in a sweep; of more, chance picks these, and each stands for others. */
export const READ_PER_SWEEP = 32;
/** Which tasks there are is found anew after so long, and not before twenty times what it took. */
const LISTED_NS = 20_000_000;
const LISTING_SHARE = 20;
/** A task that was met as one that waits for another is no leaf for so long, unless that is met again. */
const AWAITER_NS = 2_000_000_000;

interface ListedTask {
  readonly task: Address;
  readonly threadState: Address;
}

/** What waiting tasks are looked for with. */
export interface WaitingTaskParts {
  readonly paths: TaskPaths;
  readonly objects: ObjectReader;
  readonly pages: PageCache;
  readonly nowNs: () => number;
  /** Answers a number from 0 to 1, as Math.random() does. */
  readonly random: () => number;
}
