import type { AddressRange } from '../base/address.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import type { Pause, Target } from '../target/target.ts';
import { awakeningProblem, tornByAwakening } from './awakened-threads.ts';
import { copyStacksOfCollecting, type StackCopy } from './collectors.ts';
import { type OsThread, osThreadsOf } from './os-threads.ts';
import { type Pass, type PassOptions, type PassThread, readPass } from './pass.ts';
import { readSteadyPass } from './steady-pass.ts';
import { readMovingThreadingNames, readThreadingNames, type ThreadingNames } from './threading-names.ts';

/** A pass, and what the operating system said of the threads at the same moment. */
export interface Look {
  readonly pass: Pass;
  readonly osThreads: ReadonlyMap<PassThread, OsThread>;
  /** By the kernel's id of the thread. */
  readonly activities: ReadonlyMap<number, ThreadActivity>;
  readonly names: ThreadingNames;
  /** Those that may show who collects garbage. */
  readonly stacks: readonly StackCopy[];
  /** How long the target stood still, all pauses together; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
}

/** How often a target is stopped again when a thread that was left asleep woke in the middle of a look. */
const MOST_PAUSES = 5;

/**
 * Looks at a target that stands still. A rehearsal comes first, while it runs: it names the pages that the real pass will
 * want, which then come in one system call, remembers the code objects, and warms our own code.
 */
export function lookWhilePaused(target: Target, options: PassOptions): Look {
  target.memory.clear();
  const rehearsal = readPass(target, options);
  const stackPages = target.memory.touchedPages();
  const names = readMovingThreadingNames(target, rehearsal);
  const pages = [...stackPages, ...target.memory.touchedPages()];
  rehearse(target, rehearsal, names);
  const restless = new Set<number>();
  let pauseNs = 0n;
  for (let looks = 1; ; looks += 1) {
    const look = lookAtPaused(target, options, { pages, names, restless });
    pauseNs += look.pauseNs;
    const { pass, torn, isAnyAwakened } = look;
    for (const id of torn) restless.add(id);
    // One that woke and ended is no thread of the pass any more, and may have changed the lists that led there.
    const isAstray = isAnyAwakened && pass.problems.length > 0;
    if ((torn.length > 0 || isAstray) && looks < MOST_PAUSES) continue;
    const problems = [...pass.problems, ...torn.map((id) => awakeningProblem(id, looks))];
    return { ...look, pass: { ...pass, problems }, pauseNs };
  }
}

/**
 * Does once, for nothing, what a look does beside the pass: code of ours that runs for the first time takes ten times as
 * long, which is time that the target would stand still.
 */
function rehearse(target: Target, pass: Pass, names: ThreadingNames): void {
  const osThreads = osThreadsOf(target, pass);
  activitiesOf(target, osThreads.values());
  readThreadingNames(target, pass, names);
  copyStacksOfCollecting(target, pass, osThreads);
}

/** What earlier looks made known: the memory that will be wanted, names, and the threads that wake all the time. */
interface Expectations {
  readonly pages: readonly AddressRange[];
  readonly names: ThreadingNames;
  readonly restless: ReadonlySet<number>;
}

interface PausedLook extends Look {
  readonly pauseNs: bigint;
  /** The threads that woke and whose stacks may have moved. */
  readonly torn: readonly number[];
  readonly isAnyAwakened: boolean;
}

/** Takes one look at a target that stands still, and names the threads that woke in the middle of it. */
function lookAtPaused(target: Target, options: PassOptions, expected: Expectations): PausedLook {
  target.memory.clear();
  target.reserve(expected.pages);
  const pause = target.pause(expected.restless);
  try {
    target.memory.prefetch(expected.pages);
    const pass = readPass(target, options);
    const osThreads = osThreadsOf(target, pass);
    const activities = activitiesOf(target, osThreads.values(), pause);
    const names = readThreadingNames(target, pass, expected.names);
    const stacks = copyStacksOfCollecting(target, pass, osThreads);
    const awakened = pause.findAwakened();
    pause.resume();
    const torn = tornByAwakening(pass, osThreads, awakened);
    const isAnyAwakened = awakened.length > 0;
    return { pass, osThreads, activities, names, stacks, pauseNs: pause.pausedForNs, torn, isAnyAwakened };
  } finally {
    pause.resume();
  }
}

/** Looks at a target that runs on. */
export function lookWhileRunning(target: Target, options: PassOptions): Look {
  target.memory.clear();
  const pass = readSteadyPass(target, options);
  const osThreads = osThreadsOf(target, pass);
  const activities = activitiesOf(target, osThreads.values());
  const names = readMovingThreadingNames(target, pass);
  const stacks = copyStacksOfCollecting(target, pass, osThreads);
  return { pass, osThreads, activities, names, stacks, pauseNs: undefined };
}

function activitiesOf(
  target: Target,
  threads: Iterable<OsThread>,
  pause?: Pause,
): ReadonlyMap<number, ThreadActivity> {
  const activities = new Map<number, ThreadActivity>();
  for (const { id } of threads) if (!activities.has(id)) activities.set(id, target.activityOf(id, pause));
  return activities;
}
