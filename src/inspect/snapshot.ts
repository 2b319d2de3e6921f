import { BadArgumentError } from '../base/errors.ts';
import { isFinalizing } from '../cpython/finalizing.ts';
import { type FrameChain, stackAnchorOf } from '../cpython/frame-chain.ts';
import { gilStateOf } from '../cpython/gil-state.ts';
import type { CPythonRuntime } from '../cpython/runtime.ts';
import type { Problem } from '../model/problem.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ThreadStack } from '../model/thread-stack.ts';
import type { CoreTarget } from '../target/core-target.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Target } from '../target/target.ts';
import { type AsyncChoice, asyncLoopsOf } from './async-tasks.ts';
import { type Collectors, findCollectors } from './collectors.ts';
import { greenletsOf } from './greenlets.ts';
import { lockReportOf } from './locks.ts';
import { type Look, lookAtCore, lookWhilePaused, lookWhileRunning } from './look.ts';
import { withNativeCalls } from './native-calls.ts';
import { framesOf, type PassOptions } from './pass.ts';
import { SourceLines } from './source-lines.ts';
import { type LabelledThread, labelThreads, selectThreads } from './thread-labels.ts';
import { groupByOsThread } from './thread-order.ts';

/** What a snapshot of a core file shall hold. */
export interface CoreSnapshotOptions {
  /** Read arguments, locals and closure variables of every frame. */
  readonly locals?: boolean;
  /** Only this thread: an id, or a name that the kernel or the threading module gives it. */
  readonly thread?: string;
  /** Read the native calls too, of the threads that run Python or of all. */
  readonly native?: 'python-threads' | 'all-threads';
  /** Read the tasks of asyncio too: those that have not ended, or all. */
  readonly async?: AsyncChoice;
  /** Find out too what blocked threads wait for, and who holds that. */
  readonly locks?: boolean;
}

/** What a snapshot of a process shall hold and how it is taken. */
export interface SnapshotOptions extends CoreSnapshotOptions {
  /** Stop the target's threads while they are read (the default). Native calls can be read only then. */
  readonly pause?: boolean;
}

/** Reads every Python thread of a target at one moment. */
export function takeSnapshot(target: LiveTarget, options: SnapshotOptions = {}): Snapshot {
  const passOptions = passOptionsOf(target, options);
  if (passOptions.withNative && options.pause === false)
    throw new BadArgumentError(
      'Cannot read native calls of a process that is not stopped: leave out pause: false',
    );
  const look =
    options.pause === false ? lookWhileRunning(target, passOptions) : lookWhilePaused(target, passOptions);
  return snapshotOf(target, look, options);
}

/** Reads every Python thread of a process that is gone, from its core file. */
export function takeCoreSnapshot(target: CoreTarget, options: CoreSnapshotOptions = {}): Snapshot {
  return snapshotOf(target, lookAtCore(target, passOptionsOf(target, options)), options);
}

function passOptionsOf(target: Target, { locals, native, async, locks }: CoreSnapshotOptions): PassOptions {
  if (native !== undefined && !target.hasNative)
    throw new BadArgumentError('Cannot read native calls of what was opened with native: false');
  return {
    withVariables: locals === true,
    withNative: native !== undefined,
    // A task may hold what a thread waits for.
    withAsync: async !== undefined || locks === true,
    withLocks: locks === true,
  };
}

function snapshotOf(target: Target, look: Look, options: CoreSnapshotOptions): Snapshot {
  const takenAt = target.now().toISOString();
  const problems: Problem[] = [...look.pass.problems];
  if (isFinalizing(target.memory, target.runtime)) {
    problems.push({
      kind: 'interpreter-finalizing',
      message: 'The interpreter is shutting down, so some threads may have no Python stack any more',
    });
  }
  for (const other of target.runtime.others) problems.push(otherPython(other));
  const sources = new SourceLines(target);
  const seen = { ...look, collectors: findCollectors(target, look) };
  const chains = new Map<ThreadStack, FrameChain>();
  const labelled = labelThreads(target, look);
  const selected = selectThreads(labelled, options.thread);
  const asyncLoops = asyncLoopsIn(target, look, { labelled, selected, sources, options, problems });
  const threads = groupByOsThread(
    selected.map((labelled) => {
      const stack = threadStackOf(target, seen, labelled, sources);
      chains.set(stack, labelled[0].chain);
      return stack;
    }),
  );
  const native = withNativeCalls(target, look, { threads, chains, options });
  // Last, since it reads the target as it is now.
  const greenlets = greenletsIn(target, look, { labelled, selected, sources, options, problems });
  return {
    process: target.facts,
    takenAt,
    foundBy: target.runtime.foundBy,
    pauseNs: look.pauseNs,
    interpreters: look.pass.interpreters.map((interpreter) => interpreter.facts),
    threads: native.threads,
    nativeThreads: native.nativeThreads,
    asyncLoops,
    greenlets,
    problems: [...problems, ...sources.problems(), ...native.moduleProblems],
    ...(look.locks === undefined ? {} : { locks: lockReportOf(target, look) }),
  };
}

interface LabelledLook {
  readonly labelled: readonly LabelledThread[];
  readonly selected: readonly LabelledThread[];
  readonly sources: SourceLines;
  readonly options: CoreSnapshotOptions;
  readonly problems: Problem[];
}

function asyncLoopsIn(
  target: Target,
  { pass: { asyncTasks }, monotonicSeconds }: Look,
  { labelled, selected, sources, options, problems }: LabelledLook,
): Snapshot['asyncLoops'] {
  const { async: choice, thread } = options;
  if (asyncTasks === undefined || choice === undefined) return undefined;
  const wanted = { selected: thread === undefined ? undefined : selected, choice };
  const read = { asyncTasks, threads: labelled, sources, monotonicSeconds };
  return asyncLoopsOf(target, { ...read, ...wanted }, problems);
}

function greenletsIn(
  target: Target,
  { pass: { interpreters } }: Look,
  { labelled, selected, sources, options, problems }: LabelledLook,
): Snapshot['greenlets'] {
  const { async: choice, thread, locals } = options;
  if (choice === undefined) return undefined;
  const wanted = { selected: thread === undefined ? undefined : selected, withVariables: locals === true };
  return greenletsOf(target, { interpreters, threads: labelled, sources, ...wanted }, problems);
}

function otherPython({ version, foundBy }: CPythonRuntime): Problem {
  const message = `The process holds another CPython, ${formatPythonVersion(version)} (${foundBy}), which is not shown`;
  return { kind: 'other-python', message };
}

function threadStackOf(
  target: Target,
  { activities, collectors }: Look & { readonly collectors: Collectors },
  [thread, labels]: LabelledThread,
  sources: SourceLines,
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
    isMainThread: id === target.pid,
    isTerminated: id === undefined,
    gil,
    isCollectingGarbage: collectors.isCollecting(thread, gil),
    activity,
    cpuTimeNs: id === undefined ? undefined : target.cpuTimeNsOf(id),
    frames,
    native: undefined,
    merged: undefined,
    stackAnchor: stackAnchorOf(target.runtime.layout, chain, state.cframe),
    problems: id === undefined ? problems : problems.map((problem) => ({ ...problem, osThreadId: id })),
  };
}
