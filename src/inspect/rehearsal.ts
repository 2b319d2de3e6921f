import type { AddressRange } from '../base/address.ts';
import type { Target } from '../target/target.ts';
import { needsLiveStacks } from './collectors.ts';
import { readLocks } from './locks/lock-reading.ts';
import { osThreadsOf } from './os-threads.ts';
import { type PassOptions, readPass } from './pass.ts';
import { readActivities } from './thread-activities.ts';
import { readMovingThreadingNames, type ThreadingNames, threadKey } from './threading-names.ts';

/** What is known of a target before it is stopped, so that it need not stand still while that is found out. */
export interface Rehearsal {
  /** What a pass reads of a target that has not moved meanwhile. */
  readonly pages: readonly AddressRange[];
  /** What a pass may read beside them when it has. */
  readonly morePages: readonly AddressRange[];
  readonly names: ThreadingNames;
  /** The kernel's id of each thread that was seen, by its key. */
  readonly threadIds: ReadonlyMap<string, number | undefined>;
  /** Whether all that a look needs lay in the same memory twice, so that a copy of that memory will do. */
  readonly isCalm: boolean;
}

/**
 * Looks at a target that runs as if it stood still. Beside what that makes known it remembers the code objects, and
 * warms our own code: what runs for the first time takes ten times as long.
 */
export function rehearse(target: Target, options: PassOptions): Rehearsal {
  const { memory } = target;
  memory.clear();
  const first = readPass(target, options);
  const firstPages = memory.touchedPages();
  const names = readMovingThreadingNames(target, first);
  const namePages = memory.touchedPages();
  memory.clear();
  const pass = readPass(target, options);
  const passPages = memory.touchedPages();
  const tasks = target.readTasks();
  const osThreads = osThreadsOf(target, pass, tasks);
  if (options.withLocks)
    readLocks(target, { pass, osThreads, tasks, activities: readActivities(target, osThreads.values()) });
  const pages = memory.touchedPages();
  const known = new Set(firstPages.map(({ address }) => address));
  const isAllNamed = pass.threads.every((thread) => names.has(threadKey(thread)));
  return {
    pages: isAllNamed ? pages : [...pages, ...namePages],
    morePages: [...firstPages, ...namePages],
    names,
    threadIds: new Map(pass.threads.map((thread) => [threadKey(thread), osThreads.get(thread)?.id])),
    isCalm: !needsLiveStacks(pass) && passPages.every(({ address }) => known.has(address)),
  };
}

/** Looks once more, and keeps in mind what was wanted before: a target that runs wants now this, now that. */
export function rehearseAgain(target: Target, options: PassOptions, before: Rehearsal): Rehearsal {
  const now = rehearse(target, options);
  const wanted = [...before.pages, ...before.morePages, ...now.pages, ...now.morePages];
  const pages = new Map(wanted.map((page) => [page.address, page]));
  return { ...now, pages: [...pages.values()] };
}
