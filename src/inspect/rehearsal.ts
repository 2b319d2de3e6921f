import type { Address, AddressRange } from '../base/address.ts';
import type { Target } from '../target/target.ts';
import { needsLiveStacks } from './collectors.ts';
import { readLocks } from './locks/lock-reading.ts';
import { osThreadsOf } from './os-threads.ts';
import { type PassOptions, readPass } from './pass.ts';
import { type RehearsedTasks, rehearseTasks } from './rehearsed-tasks.ts';
import { readActivities } from './thread-activities.ts';
import { readMovingThreadingNames, type ThreadingNames, threadKey } from './threading-names.ts';

/** What is known of a target before it is stopped, so that it need not stand still while that is found out. */
export interface Rehearsal {
  /** What a pass reads of a target that has not moved meanwhile. */
  readonly pages: readonly AddressRange[];
  /** What a pass may read beside them when it has. */
  readonly morePages: readonly AddressRange[];
  /** `undefined` unless they are wanted. */
  readonly tasks: RehearsedTasks | undefined;
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
  const first = readPass(target, { ...options, withAsync: false });
  const firstPages = memory.touchedPages();
  const rehearsedTasks = options.withAsync ? rehearseTasks(target, first, options) : undefined;
  const taskPages = options.withAsync ? memory.touchedPages() : [];
  const names = readMovingThreadingNames(target, first);
  const namePages = memory.touchedPages();
  memory.clear();
  // Tasks are many, and seldom move to other memory: once is enough to know where they lie.
  const pass = readPass(target, { ...options, withAsync: false });
  const passPages = memory.touchedPages();
  const tasks = target.readTasks();
  const osThreads = osThreadsOf(target, pass, tasks);
  if (options.withLocks) {
    const asyncTasks = rehearsedTasks?.asyncTasks;
    const activities = readActivities(target, osThreads.values());
    readLocks(target, { pass: { ...pass, asyncTasks }, osThreads, tasks, activities });
  }
  const pages = memory.touchedPages();
  const known = new Set(firstPages.map(({ address }) => address));
  const isAllNamed = pass.threads.every((thread) => names.has(threadKey(thread)));
  return {
    pages: [...pages, ...withGaps(taskPages), ...(isAllNamed ? [] : namePages)],
    morePages: [...firstPages, ...taskPages, ...namePages],
    tasks: rehearsedTasks,
    names,
    threadIds: new Map(pass.threads.map((thread) => [threadKey(thread), osThreads.get(thread)?.id])),
    isCalm: !needsLiveStacks(pass) && passPages.every(({ address }) => known.has(address)),
  };
}

/** The most that may lie between two pages for what is between them to be wanted too: an arena of objects, to 3.9. */
const LARGEST_GAP_BYTES = 256 << 10;

/** Pages and what lies between those that are near each other: there the next objects will be made. */
function withGaps(pages: readonly AddressRange[]): readonly AddressRange[] {
  const wide: { address: Address; sizeBytes: number }[] = [];
  for (const { address, sizeBytes } of pages.toSorted((a, b) => a.address - b.address)) {
    const last = wide.at(-1);
    if (last === undefined || address - (last.address + last.sizeBytes) > LARGEST_GAP_BYTES)
      wide.push({ address, sizeBytes });
    else last.sizeBytes = address + sizeBytes - last.address;
  }
  return wide;
}

/**
 * Looks once more, and keeps in mind what was wanted before: what threads wait for is now here, now there. For all else
 * what was known before will do.
 */
export function rehearseAgain(target: Target, options: PassOptions, before: Rehearsal): Rehearsal {
  if (!options.withLocks) return before;
  const now = rehearse(target, options);
  const wanted = [...before.pages, ...before.morePages, ...now.pages, ...now.morePages];
  const pages = new Map(wanted.map((page) => [page.address, page]));
  return { ...now, pages: [...pages.values()] };
}
