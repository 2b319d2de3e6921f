import type { Address, AddressRange } from '../base/address.ts';
import { NoSuchThreadError } from '../base/errors.ts';
import { stackAnchorOf } from '../cpython/frame-chain.ts';
import { readPthreadIds } from '../cpython/pthread-ids.ts';
import type { CPythonRuntime } from '../cpython/runtime.ts';
import type { Problem } from '../model/problem.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ThreadActivity, ThreadStack } from '../model/thread-stack.ts';
import type { Target } from '../target/target.ts';
import { awakeningProblem, tornByAwakening } from './awakened-threads.ts';
import { type CollectingThreads, findCollectingThreads } from './collecting-threads.ts';
import { gilStateOf } from './gil-state.ts';
import { framesOf, type Pass, type PassOptions, type PassThread, readPass } from './pass.ts';
import { SourceLines } from './source-lines.ts';
import { readSteadyPass } from './steady-pass.ts';
import { groupByOsThread } from './thread-order.ts';
import {
  readMovingThreadingNames,
  readThreadingNames,
  type ThreadingNames,
  threadKey,
} from './threading-names.ts';

/** What a snapshot shall hold and how it is taken. */
export interface SnapshotOptions {
  /** Read arguments, locals and closure variables of every frame. */
  readonly locals?: boolean;
  /** Stop the target's threads while they are read (the default). */
  readonly pause?: boolean;
  /** Only this thread: an id, or a name that the kernel or the threading module gives it. */
  readonly thread?: string;
}

/** Reads every Python thread of a target at one moment. */
export function takeSnapshot(target: Target, options: SnapshotOptions = {}): Snapshot {
  const takenAt = target.now().toISOString();
  const look = options.pause === false ? lookWhileRunning(target, options) : lookWhilePaused(target, options);
  const problems: Problem[] = [...look.pass.problems];
  if (target.isFinalizing()) {
    problems.push({
      kind: 'interpreter-finalizing',
      message: 'The interpreter is shutting down, so some threads may have no Python stack any more',
    });
  }
  for (const other of target.runtime.others) problems.push(otherPython(other));
  const sources = new SourceLines(target);
  const collecting = findCollectingThreads(target, look.pass);
  const surroundings = { activities: look.activities, collecting, sources };
  const threads = groupByOsThread(
    selectThreads(labelsOf(target, look), options.thread).map((labelled) =>
      threadStackOf(target, labelled, surroundings),
    ),
  );
  problems.push(...sources.problems());
  return {
    process: target.facts,
    takenAt,
    foundBy: target.runtime.foundBy,
    pauseNs: look.pauseNs,
    interpreters: look.pass.interpreters.map((interpreter) => interpreter.facts),
    threads,
    problems,
  };
}

function otherPython({ version, foundBy }: CPythonRuntime): Problem {
  const message = `The process holds another CPython, ${formatPythonVersion(version)} (${foundBy}), which is not shown`;
  return { kind: 'other-python', message };
}

/** A pass, and what the operating system said of the threads at the same moment. */
interface Look {
  readonly pass: Pass;
  readonly osThreadIds: ReadonlyMap<PassThread, number>;
  readonly activities: ReadonlyMap<number, ThreadActivity>;
  readonly names: ThreadingNames;
  readonly pauseNs: bigint | undefined;
}

/** How often a look is taken when threads that the pause left asleep wake in the middle of it. */
const MOST_PAUSES = 5;

function lookWhilePaused(target: Target, options: SnapshotOptions): Look {
  const passOptions = { withVariables: options.locals === true };
  // A rehearsal while the target runs: it names the pages that the real pass will want, which then come in one
  // system call, remembers the code objects, and warms our own code. What it reads is thrown away.
  target.memory.clear();
  const rehearsal = readPass(target, passOptions);
  const stackPages = target.memory.touchedPages();
  const names = readMovingThreadingNames(target, rehearsal);
  const pages = [...stackPages, ...target.memory.touchedPages()];
  const restless = new Set<number>();
  let pauseNs = 0n;
  for (let looks = 1; ; looks += 1) {
    const look = lookAtPaused(target, passOptions, { pages, names, restless });
    pauseNs += look.pauseNs;
    const { pass, torn } = look;
    for (const id of torn) restless.add(id);
    if (torn.length > 0 && looks < MOST_PAUSES) continue;
    const problems = [...pass.problems, ...torn.map((id) => awakeningProblem(id, looks))];
    return { ...look, pass: { ...pass, problems }, pauseNs };
  }
}

/** What earlier looks made known: the memory that will be wanted, names, and the threads that wake all the time. */
interface Expectations {
  readonly pages: readonly AddressRange[];
  readonly names: ThreadingNames;
  readonly restless: ReadonlySet<number>;
}

/** Takes one look at a target that stands still, and names the threads that woke in the middle of it. */
function lookAtPaused(
  target: Target,
  options: PassOptions,
  expected: Expectations,
): Look & { readonly pauseNs: bigint; readonly torn: readonly number[] } {
  target.memory.clear();
  target.reserve(expected.pages);
  const pause = target.pause(expected.restless);
  try {
    target.memory.prefetch(expected.pages);
    const pass = readPass(target, options);
    const osThreadIds = osThreadIdsOf(target, pass);
    const activities = activitiesOf(target, osThreadIds.values());
    // A thread that ends takes its name along.
    const names = readThreadingNames(target, pass, expected.names);
    const awakened = pause.findAwakened();
    pause.resume();
    const torn = tornByAwakening(pass, osThreadIds, awakened);
    return { pass, names, osThreadIds, activities, pauseNs: pause.pausedForNs, torn };
  } finally {
    pause.resume();
  }
}

function lookWhileRunning(target: Target, options: SnapshotOptions): Look {
  target.memory.clear();
  const pass = readSteadyPass(target, { withVariables: options.locals === true });
  const osThreadIds = osThreadIdsOf(target, pass);
  const activities = activitiesOf(target, osThreadIds.values());
  const names = readMovingThreadingNames(target, pass);
  return { pass, names, osThreadIds, activities, pauseNs: undefined };
}

function activitiesOf(target: Target, threadIds: Iterable<number>): ReadonlyMap<number, ThreadActivity> {
  const activities = new Map<number, ThreadActivity>();
  for (const id of threadIds) if (!activities.has(id)) activities.set(id, target.activityOf(id));
  return activities;
}

/** The kernel's ids, in the pid namespace that we run in, of the threads that still have one. */
function osThreadIdsOf(target: Target, { threads }: Pass): ReadonlyMap<PassThread, number> {
  const tasks = target.readTasks();
  const pthreadIds = pthreadIdsOf(target, threads, new Set(tasks.keys()));
  const ids = new Map<PassThread, number>();
  for (const thread of threads) {
    const { nativeThreadId, threadId } = thread.state;
    const inner = nativeThreadId ?? (threadId === undefined ? undefined : pthreadIds.get(threadId));
    const id = inner === undefined ? undefined : tasks.get(inner);
    if (id !== undefined) ids.set(thread, id);
  }
  return ids;
}

function pthreadIdsOf(
  target: Target,
  threads: readonly PassThread[],
  taskIds: ReadonlySet<number>,
): ReadonlyMap<Address, number> {
  const pthreads = threads.flatMap(({ state }) =>
    state.nativeThreadId === undefined && state.threadId !== undefined ? [state.threadId] : [],
  );
  return pthreads.length === 0 ? new Map() : readPthreadIds(target.memory, [...new Set(pthreads)], taskIds);
}

/** What a thread is called. */
type ThreadLabels = Pick<ThreadStack, 'osThreadId' | 'innerThreadId' | 'kernelName' | 'pythonName'>;

function labelsOf(target: Target, { pass, names, osThreadIds }: Look): ReadonlyMap<PassThread, ThreadLabels> {
  return new Map(
    pass.threads.map((thread) => {
      const osThreadId = osThreadIds.get(thread);
      const labels = {
        osThreadId,
        innerThreadId: osThreadId === undefined ? undefined : target.innerThreadId(osThreadId),
        kernelName: osThreadId === undefined ? undefined : target.kernelNameOf(osThreadId),
        pythonName: names.get(threadKey(thread))?.name,
      };
      return [thread, labels] as const;
    }),
  );
}

function selectThreads(
  labels: ReadonlyMap<PassThread, ThreadLabels>,
  wanted: string | undefined,
): readonly (readonly [PassThread, ThreadLabels])[] {
  if (wanted === undefined) return [...labels];
  const selected = [...labels].filter(([, label]) =>
    [label.osThreadId, label.innerThreadId, label.kernelName, label.pythonName].some(
      (name) => name !== undefined && String(name) === wanted,
    ),
  );
  if (selected.length > 0) return selected;
  throw new NoSuchThreadError(
    wanted,
    [...labels.values()].map(
      ({ osThreadId, pythonName, kernelName }) =>
        `${osThreadId ?? 'ended'} (${pythonName ?? kernelName ?? 'no name'})`,
    ),
  );
}

/** What is found out once for all threads of a look. */
interface Surroundings {
  readonly activities: Look['activities'];
  readonly collecting: CollectingThreads;
  readonly sources: SourceLines;
}

function threadStackOf(
  target: Target,
  [thread, labels]: readonly [PassThread, ThreadLabels],
  { activities, collecting, sources }: Surroundings,
): ThreadStack {
  const { interpreter, state, chain } = thread;
  const id = labels.osThreadId;
  const activity = (id === undefined ? undefined : activities.get(id)) ?? { state: 'unknown' };
  const gil = gilStateOf(interpreter, state, activity);
  const problems = [...thread.problems];
  const frames = framesOf(target, thread, sources, problems);
  return {
    ...labels,
    interpreterId: interpreter.facts.id,
    threadState: state.address,
    pthreadId: state.threadId,
    isMainThread: id === target.pid,
    isTerminated: id === undefined,
    gil,
    isCollectingGarbage: collecting.get(thread),
    activity,
    cpuTimeNs: id === undefined ? undefined : target.cpuTimeNsOf(id),
    frames,
    stackAnchor: stackAnchorOf(target.runtime.layout, chain, state.cframe),
    problems: id === undefined ? problems : problems.map((problem) => ({ ...problem, osThreadId: id })),
  };
}
