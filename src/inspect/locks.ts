import type { RawTask } from '../cpython/asyncio/tasks.ts';
import { gilStateOf } from '../cpython/gil-state.ts';
import type { Deadlock, LockReport, RunningLoop } from '../model/lock-report.ts';
import type { CodePlace, Holder, WaitingThread } from '../model/thread-wait.ts';
import type { WaitingTask } from '../model/waiting-task.ts';
import type { CoreTarget } from '../target/core-target.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Target } from '../target/target.ts';
import { turnOf } from './async-tasks.ts';
import { describeCall } from './locks/call-waits.ts';
import { findDeadlocks } from './locks/deadlocks.ts';
import { placeAt, placeOfProgram, placeOfTask } from './locks/places.ts';
import type { ReadHolder } from './locks/read-holders.ts';
import type { ReadTask } from './locks/task-waits.ts';
import { hasTimeLimit } from './locks/time-limit.ts';
import { type Look, lookAtCore, lookWhilePaused, lookWhileRunning } from './look.ts';
import type { PassThread } from './pass.ts';
import { loopThreadOf } from './running-tasks.ts';
import { type LabelledThread, labelThreads } from './thread-labels.ts';

/** How it is found out who waits for whom. */
export interface LockOptions {
  /** Stop the target's threads while they are read (the default). */
  readonly pause?: boolean;
}

const PASS_OPTIONS = { withVariables: false, withNative: false, withAsync: true, withLocks: true } as const;

/** Finds out what every blocked thread of a process waits for, who holds that, and who waits in a circle; tasks too. */
export function takeLocks(target: LiveTarget, { pause = true }: LockOptions = {}): LockReport {
  if (pause) return lockReportOf(target, lookWhilePaused(target, PASS_OPTIONS));
  const report = lockReportOf(target, lookWhileRunning(target, PASS_OPTIONS));
  if (report.deadlocks.length === 0) return report;
  // A circle may be made of two moments; one that is there again, with the same locks, lasts.
  const again = lockReportOf(target, lookWhileRunning(target, PASS_OPTIONS));
  const lasting = new Set(again.deadlocks.map((deadlock) => circleKey(again, deadlock)));
  return { ...report, deadlocks: report.deadlocks.filter((each) => lasting.has(circleKey(report, each))) };
}

/** Tells a circle from all others, by its threads and tasks and what they wait for. */
function circleKey({ threads, tasks }: LockReport, { parties }: Deadlock): string {
  const waits = parties.map(({ kind, at }) => {
    const { wait, ...own } = (kind === 'thread' ? threads[at] : tasks[at]) ?? { wait: undefined };
    const address = 'threadState' in own ? own.threadState : 'address' in own ? own.address : undefined;
    const object = wait !== undefined && 'object' in wait ? wait.object.address : undefined;
    return `${address} ${wait?.kind} ${object}`;
  });
  return waits.toSorted().join(', ');
}

/** The same of a process that is gone, from its core file. */
export function takeCoreLocks(target: CoreTarget): LockReport {
  return lockReportOf(target, lookAtCore(target, PASS_OPTIONS));
}

/** Makes the report of what a look has read of locks. */
export function lockReportOf(target: Target, look: Look): LockReport {
  const takenAt = target.now().toISOString();
  const read = look.locks?.tasks ?? [];
  const places = {
    threads: new Map(look.pass.threads.map((thread, at) => [thread, at])),
    tasks: new Map(read.map(({ task }, at) => [task, at])),
  };
  const { surroundings } = target;
  const threads = labelThreads(target, look).map((labelled) =>
    waitingThreadOf(target, look, { labelled, places, surroundings }),
  );
  const tasks = read.map((task) => waitingTaskOf(target, task, places));
  const problems = look.pass.threads.flatMap((thread) => thread.problems);
  const ofTasks = look.pass.asyncTasks?.flatMap((one) => one.problems) ?? [];
  return {
    process: target.facts,
    takenAt,
    pauseNs: look.pauseNs,
    threads,
    tasks,
    loops: runningLoopsOf(look, places),
    deadlocks: findDeadlocks({ threads, tasks }),
    problems: [...look.pass.problems, ...problems, ...ofTasks],
  };
}

/** Where those that were read stand in the report. */
interface Places {
  readonly threads: ReadonlyMap<PassThread, number>;
  readonly tasks: ReadonlyMap<RawTask, number>;
}

interface Subject {
  readonly labelled: LabelledThread;
  readonly places: Places;
  readonly surroundings: Target['surroundings'];
}

function waitingThreadOf(
  target: Target,
  look: Look,
  { labelled, places, surroundings }: Subject,
): WaitingThread {
  const [thread, labels] = labelled;
  const { interpreter, state } = thread;
  const id = labels.osThreadId;
  const activity = (id === undefined ? undefined : look.activities.get(id)) ?? { state: 'unknown' };
  const read = look.locks?.threads.get(thread);
  const wait =
    read?.call === undefined
      ? read?.wait
      : describeCall(surroundings, { osThreadId: id, activity, call: read.call });
  return {
    ...labels,
    interpreterId: interpreter.facts.id,
    threadState: state.address,
    isMainThread: id === target.pid,
    gil: gilStateOf(interpreter, state, activity),
    activity,
    place: placeOfProgram(target, thread.chain.frames),
    wait,
    hasTimeLimit: hasTimeLimit(activity, wait),
    holder: read?.holder && holderOf(target, read.holder, places),
  };
}

function holderOf(
  target: Target,
  { thread, task, osThreadId, evidence, takenAt }: ReadHolder,
  places: Places,
): Holder {
  const place: CodePlace | undefined = takenAt && placeAt(target, takenAt.frame, takenAt.instructionOffset);
  return {
    thread: thread && places.threads.get(thread),
    task: task && places.tasks.get(task),
    osThreadId,
    evidence,
    takenAt: place,
  };
}

function waitingTaskOf(
  target: Target,
  { task, interpreter, thread, holders, awaits, ...read }: ReadTask,
  places: Places,
): WaitingTask {
  const { address, name, coroutineName, state } = task;
  return {
    interpreterId: interpreter.interpreter.facts.id,
    address,
    name,
    coroutineName,
    state,
    thread: thread && places.threads.get(thread),
    place: placeOfTask(target, interpreter.statements.framesOf(task)),
    wait: read.wait,
    hasTimeLimit: read.hasTimeLimit,
    holders: holders.map((holder) => holderOf(target, holder, places)),
    areAllHolders: read.areAllHolders,
    awaits: awaits.flatMap((each) => places.tasks.get(each) ?? []),
  };
}

function runningLoopsOf({ pass, monotonicSeconds }: Look, places: Places): readonly RunningLoop[] {
  return (pass.asyncTasks ?? []).flatMap(({ interpreter, raw }) => {
    const own = pass.threads.filter((thread) => thread.interpreter === interpreter);
    return raw.loops.flatMap((loop) => {
      const thread = loopThreadOf(own, raw, loop);
      const at = thread && places.threads.get(thread);
      if (at === undefined) return [];
      const { address, typeName } = loop;
      const turn = turnOf(loop, monotonicSeconds);
      return [{ thread: at, address, typeName, interpreterId: interpreter.facts.id, turn }];
    });
  });
}
