import type { AddressRange } from '../base/address.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import type { CoreTarget } from '../target/core-target.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { StackCopies } from '../target/native/stack-copies.ts';
import type { Pause, Target } from '../target/target.ts';
import { awakeningProblem, tornByAwakening } from './awakened-threads.ts';
import { copyStacksOfCollecting, needsLiveStacks, type StackCopy } from './heap/collectors.ts';
import { type LockReading, readLocks } from './locks/lock-reading.ts';
import { type OsThread, osThreadsOf } from './os-threads.ts';
import { type Pass, type PassOptions, type PassThread, readPass } from './pass.ts';
import { type Rehearsal, rehearse, rehearseAgain } from './rehearsal.ts';
import { readSteadyPass } from './steady-pass.ts';
import { readActivities } from './thread-activities.ts';
import {
  readMovingThreadingNames,
  readThreadingNames,
  type ThreadingNames,
  threadKey,
} from './threading-names.ts';

/** A pass, and what the operating system said of the threads at the same moment. */
export interface Look {
  readonly pass: Pass;
  readonly osThreads: ReadonlyMap<PassThread, OsThread>;
  /** By the kernel's id of the thread. */
  readonly activities: ReadonlyMap<number, ThreadActivity>;
  readonly names: ThreadingNames;
  /** `undefined` unless it was asked for. */
  readonly locks: LockReading | undefined;
  /** Those that may show who collects garbage. */
  readonly stacks: readonly StackCopy[];
  /** What native stacks are unwound from; `undefined` unless they were asked for. */
  readonly nativeCopies: StackCopies | undefined;
  /** What the monotonic clock said when the look began, in seconds; `undefined` where it is not ours. */
  readonly monotonicSeconds: number | undefined;
  /** How long the target stood still, all pauses together; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
}

/** How often what is large is copied when it lay in other memory than a moment before, until it is read while all stands still. */
const MOST_COPIES = 3;

/** How often a target is stopped again when a thread that was left asleep woke in the middle of a look. */
const MOST_PAUSES = 5;

/**
 * Looks at a target that stands still. A rehearsal comes first, while it runs, and tells which memory is wanted. Mostly
 * it is enough to copy that in one system call and to let the target go on before anything is read from the copy; when
 * the target has moved to other memory meanwhile, it is stopped again and stands still until all is read.
 */
export function lookWhilePaused(target: LiveTarget, options: PassOptions): Look {
  let rehearsal = rehearse(target, options);
  const restless = new Set<number>();
  const missed: AddressRange[] = [];
  let pauseNs = 0n;
  let way: Way = rehearsal.isCalm || isLarge(options) ? 'copy' : 'still';
  for (let looks = 1; ; looks += 1) {
    const attempt = lookAtPaused(target, options, { rehearsal, restless, way, missed });
    pauseNs += attempt.pauseNs;
    way = nextWay(options, looks, attempt);
    if (attempt.look === undefined) {
      missed.push(...attempt.missed);
      for (const id of attempt.awakened) restless.add(id);
      rehearsal = rehearseAgain(target, options, rehearsal);
      continue;
    }
    for (const id of attempt.look.torn) restless.add(id);
    if (isOfOneMoment(attempt.look) || looks >= MOST_PAUSES)
      return { ...withAwakened(attempt.look, looks), pauseNs };
  }
}

/** Reading ten thousand tasks, or what all threads wait for, takes a hundred times as long as copying it. */
function isLarge({ withAsync, withLocks }: PassOptions): boolean {
  return withAsync || withLocks;
}

/** What is large is copied again. When the copy lacked no memory, something else than memory must be asked. */
function nextWay(options: PassOptions, looks: number, { look, missed }: Attempt): Way {
  const isWorthwhile = look !== undefined || missed.length > 0;
  return isLarge(options) && looks < MOST_COPIES && isWorthwhile ? 'copy' : 'still';
}

/** A thread that woke and ended is no thread of the pass any more, and may have changed the lists that led there. */
function isOfOneMoment({ pass, torn, isAnyAwakened }: PausedLook): boolean {
  return torn.length === 0 && !(isAnyAwakened && pass.problems.length > 0);
}

function withAwakened(look: PausedLook, looks: number): PausedLook {
  const { pass, torn } = look;
  return {
    ...look,
    pass: { ...pass, problems: [...pass.problems, ...torn.map((id) => awakeningProblem(id, looks))] },
  };
}

/** Read from a copy after the target was let go, or from its memory while it stands still. */
type Way = 'copy' | 'still';

interface PausedLook extends Omit<Look, 'pauseNs'> {
  /** The threads that woke and whose stacks may have moved. */
  readonly torn: readonly number[];
  readonly isAnyAwakened: boolean;
}

interface Preparation {
  readonly rehearsal: Rehearsal;
  readonly restless: ReadonlySet<number>;
  readonly way: Way;
  /** What copies before this one lacked. */
  readonly missed: readonly AddressRange[];
}

interface Attempt {
  /** `undefined` when the copy lacks something. */
  readonly look: PausedLook | undefined;
  /** What the copy lacked. */
  readonly missed: readonly AddressRange[];
  /** The threads that woke meanwhile. */
  readonly awakened: readonly number[];
  readonly pauseNs: bigint;
}

/** Stops the target, takes one look at it, and names the threads that woke in the middle of it. */
function lookAtPaused(target: LiveTarget, options: PassOptions, preparation: Preparation): Attempt {
  const { rehearsal, restless, way, missed } = preparation;
  const { memory } = target;
  const isEnough = way === 'copy' && rehearsal.isCalm;
  const pages = [...rehearsal.pages, ...(isEnough ? [] : rehearsal.morePages), ...missed];
  memory.clear();
  target.reserve(pages);
  const copier = options.withNative ? target.stackCopier() : undefined;
  const monotonicSeconds = clockOf(target, options);
  const pause = target.pause(restless);
  try {
    memory.prefetch(pages);
    const nativeCopies = copier?.copy(pause);
    const tasks = target.readTasks();
    const known = { rehearsal, tasks, pause };
    let seen = way === 'still' ? readAll(target, options, known) : undefined;
    const awakened = pause.findAwakened();
    pause.resume();
    if (way === 'copy') seen = memory.askKept(() => readCopied(target, options, known));
    const circumstances = { pause, awakened, nativeCopies, monotonicSeconds };
    const look = seen && withCircumstances(target, seen, circumstances);
    return {
      look,
      missed: look === undefined ? memory.missedPages() : [],
      awakened,
      pauseNs: pause.pausedForNs,
    };
  } finally {
    pause.resume();
  }
}

/** What must be read of one moment. */
type Seen = Pick<Look, 'pass' | 'osThreads' | 'names' | 'stacks' | 'locks'>;

interface Known {
  readonly rehearsal: Rehearsal;
  readonly tasks: ReadonlyMap<number, number>;
  readonly pause: Pause;
}

function readAll(target: Target, options: PassOptions, { rehearsal, tasks, pause }: Known): Seen {
  const pass = readPass(target, options, rehearsal.tasks);
  const osThreads = osThreadsOf(target, pass, tasks);
  const names = namesOf(target, { pass, osThreads }, rehearsal);
  const locks = locksOf(target, options, { pass, osThreads, tasks, pause });
  return { pass, osThreads, names, locks, stacks: copyStacksOfCollecting(target, pass, osThreads) };
}

/** The same of a target that runs on; `undefined` when more than its memory must be asked. */
function readCopied(
  target: Target,
  options: PassOptions,
  { rehearsal, tasks, pause }: Known,
): Seen | undefined {
  const pass = readPass(target, options, rehearsal.tasks);
  if (needsLiveStacks(pass)) return undefined;
  const osThreads = osThreadsOf(target, pass, tasks);
  const names = namesOf(target, { pass, osThreads }, rehearsal);
  return {
    pass,
    osThreads,
    names,
    locks: locksOf(target, options, { pass, osThreads, tasks, pause }),
    stacks: [],
  };
}

/**
 * Threads keep their names, so that they are read only when there is one without. A target may stand still in the midst of
 * making its dict of threads larger, where entries are missing: those that had a name a moment ago still have it.
 */
function namesOf(
  target: Target,
  { pass, osThreads }: Pick<Seen, 'pass' | 'osThreads'>,
  { names, threadIds }: Rehearsal,
): ThreadingNames {
  const known = new Map(
    pass.threads.flatMap((thread) => {
      const key = threadKey(thread);
      const name = names.get(key);
      return name !== undefined && threadIds.get(key) === osThreads.get(thread)?.id ? [[key, name]] : [];
    }),
  );
  if (known.size === pass.threads.length) return known;
  return new Map([...known, ...readThreadingNames(target, pass, names)]);
}

interface Circumstances extends Pick<Look, 'nativeCopies' | 'monotonicSeconds'> {
  readonly pause: Pause;
  readonly awakened: readonly number[];
}

function withCircumstances(
  target: Target,
  seen: Seen,
  { pause, awakened, nativeCopies, monotonicSeconds }: Circumstances,
): PausedLook {
  return {
    ...seen,
    nativeCopies,
    monotonicSeconds,
    activities: readActivities(target, seen.osThreads.values(), pause),
    // Native calls move without the GIL too.
    torn: nativeCopies === undefined ? tornByAwakening(seen.pass, seen.osThreads, awakened) : awakened,
    isAnyAwakened: awakened.length > 0,
  };
}

/** Loops keep when their timers are due by this clock. */
function clockOf({ surroundings }: Target, { withAsync }: PassOptions): number | undefined {
  return withAsync ? surroundings?.monotonicSeconds() : undefined;
}

/** Looks at a target that can never move: the process in a core file. */
export function lookAtCore(target: CoreTarget, options: PassOptions): Look {
  target.memory.clear();
  const pass = readPass(target, options);
  const tasks = target.readTasks();
  const osThreads = osThreadsOf(target, pass, tasks);
  return {
    pass,
    osThreads,
    activities: readActivities(target, osThreads.values()),
    names: readThreadingNames(target, pass, new Map()),
    locks: locksOf(target, options, { pass, osThreads, tasks }),
    stacks: copyStacksOfCollecting(target, pass, osThreads),
    nativeCopies: options.withNative ? target.stackCopies() : undefined,
    monotonicSeconds: undefined,
    pauseNs: undefined,
  };
}

/** Looks at a target that runs on. */
export function lookWhileRunning(target: LiveTarget, options: PassOptions): Look {
  target.memory.clear();
  const monotonicSeconds = clockOf(target, options);
  const pass = readSteadyPass(target, options);
  const tasks = target.readTasks();
  const osThreads = osThreadsOf(target, pass, tasks);
  const activities = readActivities(target, osThreads.values());
  const locks = options.withLocks ? readLocks(target, { pass, osThreads, activities, tasks }) : undefined;
  const names = readMovingThreadingNames(target, pass);
  const stacks = copyStacksOfCollecting(target, pass, osThreads);
  const absent = { nativeCopies: undefined, pauseNs: undefined };
  return { pass, osThreads, activities, names, locks, stacks, monotonicSeconds, ...absent };
}

type ThreadsOfMoment = Pick<Look, 'pass' | 'osThreads'> & Pick<Known, 'tasks'> & { readonly pause?: Pause };

function locksOf(
  target: Target,
  { withLocks }: PassOptions,
  { pause, ...threads }: ThreadsOfMoment,
): LockReading | undefined {
  if (!withLocks) return undefined;
  return readLocks(target, {
    ...threads,
    activities: readActivities(target, threads.osThreads.values(), pause),
  });
}
