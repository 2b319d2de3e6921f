import type { Address } from '../base/address.ts';
import type { PageCache } from '../base/page-cache.ts';
import { readLoopThread } from '../cpython/asyncio/loop-thread.ts';
import { findTasks } from '../cpython/asyncio/task-lists.ts';
import type { ObjectReader } from '../cpython/objects/object-reader.ts';
import type { Problem } from '../model/problem.ts';
import { ListedTasks } from './listed-tasks.ts';
import type { KnownPath, TaskPaths } from './task-paths.ts';

/** An interpreter whose tasks are looked at, and its threads. */
export interface TaskOwner {
  readonly interpreter: Address;
  readonly threads: readonly { readonly state: Address; readonly threadId: number }[];
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
  /** Those that changed each time while they were read, or had ended. */
  lost: number;
}

/** So many tasks are all read in each sweep. */
const MOST_READ = 32;
/** Of more, chance picks so many in each sweep, and each of them stands for others: mostly they have to be read anew. */
const CHOSEN = 8;
/** Which tasks there are is found anew after so long, earlier if not all could be read, and not before twenty times what it took. */
const LISTED_NS = 20_000_000;
const LISTING_SHARE = 20;
/** A task that was met as one that waits for another is no leaf for so long, unless that is met again. */
const AWAITER_NS = 2_000_000_000;

/** What waiting tasks are looked for with. */
export interface WaitingTaskParts {
  readonly paths: TaskPaths;
  readonly objects: ObjectReader;
  readonly pages: PageCache;
  readonly nowNs: () => number;
  /** Answers a number from 0 to 1, as Math.random() does. */
  readonly random: () => number;
}

/** Looks at the tasks that wait: at all of them where they are few, else at some that chance picks, each of which stands for others. */
export class WaitingTasks {
  readonly #parts: WaitingTaskParts;
  readonly #listed = new ListedTasks();
  #owners: readonly TaskOwner[] = [];
  /** By loop the state of the thread that runs it; `undefined` where none does. */
  #threads = new Map<Address, Address | undefined>();
  #nextListingNs = Number.NEGATIVE_INFINITY;
  /** When tasks were last met that wait for another one: what they do is part of that one's stack. */
  readonly #awaiters = new Map<Address, number>();
  #sinceNs = Number.NEGATIVE_INFINITY;

  constructor(parts: WaitingTaskParts) {
    this.#parts = parts;
  }

  /** The stacks at which tasks wait now. */
  look(owners: readonly TaskOwner[], counts: TaskLookCounts): readonly WaitingStack[] {
    const nowNs = this.#parts.nowNs();
    if (nowNs >= this.#nextListingNs) this.#list(owners, nowNs);
    const chosen = this.#choose();
    const paths = this.#parts.paths.findAll(chosen);
    counts.most = Math.max(counts.most, this.#listed.tasks.length);
    counts.read += chosen.length;
    counts.lost += paths.filter((path) => path === undefined).length;
    this.#noteAwaiters(paths, nowNs);
    return this.#stacksOf(paths, this.#listed.tasks.length / Math.max(chosen.length, 1));
  }

  #list(owners: readonly TaskOwner[], nowNs: number): void {
    const { objects, pages, nowNs: now } = this.#parts;
    pages.clear();
    this.#owners = owners;
    this.#threads = new Map();
    const problems: Problem[] = [];
    const tasks = owners.flatMap(({ interpreter, threads }) => {
      const search = { interpreter, threadStates: threads.map(({ state }) => state) };
      const found = findTasks(objects, search, problems);
      for (const [state, loop] of found?.runningLoops ?? []) this.#threads.set(loop, state);
      return found?.tasks ?? [];
    });
    const isWhole = problems.length === 0;
    this.#listed.take(tasks, isWhole);
    const doneNs = now();
    this.#nextListingNs = doneNs + Math.max(isWhole ? LISTED_NS : 0, LISTING_SHARE * (doneNs - nowNs));
  }

  /** Where no thread tells which loop it runs, as in 3.6, the loop knows its thread. */
  #threadOf(loop: Address): Address | undefined {
    if (!this.#threads.has(loop)) {
      const threadId = readLoopThread(this.#parts.objects, loop);
      const thread = this.#owners
        .flatMap(({ threads }) => threads)
        .find((each) => threadId !== undefined && each.threadId === threadId);
      this.#threads.set(loop, thread?.state);
    }
    return this.#threads.get(loop);
  }

  #choose(): readonly Address[] {
    const listed = this.#listed.tasks;
    if (listed.length <= MOST_READ) return listed;
    const chosen = new Set<Address>();
    while (chosen.size < CHOSEN) {
      const task = listed[Math.floor(this.#parts.random() * listed.length)];
      if (task !== undefined) chosen.add(task);
    }
    return [...chosen];
  }

  #noteAwaiters(paths: readonly (KnownPath | undefined)[], nowNs: number): void {
    // Where all tasks are read in each look, nothing needs to be remembered.
    if (this.#listed.tasks.length <= MOST_READ || this.#awaiters.size > MOST_AWAITERS) this.#awaiters.clear();
    for (const path of paths) for (const task of path?.awaiters ?? []) this.#awaiters.set(task, nowNs);
    this.#sinceNs = nowNs - AWAITER_NS;
  }

  #stacksOf(paths: readonly (KnownPath | undefined)[], stoodFor: number): readonly WaitingStack[] {
    const stacks = new Map<string, WaitingStack>();
    for (const path of paths) {
      if (path === undefined || path.isExecuting) continue;
      const threadState = path.loop === undefined ? undefined : this.#threadOf(path.loop);
      if (threadState === undefined || (this.#awaiters.get(path.task) ?? -1) >= this.#sinceNs) continue;
      // In the mean it is what each stands for, and always a whole number.
      const count = Math.floor(stoodFor + this.#parts.random());
      const key = `${threadState} ${path.whole}`;
      const known = stacks.get(key);
      if (known === undefined) stacks.set(key, { threadState, stack: path.whole, count });
      else known.count += count;
    }
    return [...stacks.values()];
  }
}

/** More are not remembered. */
const MOST_AWAITERS = 20_000;
