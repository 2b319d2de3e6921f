import type { CodePlace, Deadlock, Holder, LockReport, WaitingThread } from '../model/thread-wait.ts';
import type { CoreTarget } from '../target/core-target.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Target } from '../target/target.ts';
import { gilStateOf } from './gil-state.ts';
import { describeCall } from './locks/call-waits.ts';
import { findDeadlocks } from './locks/deadlocks.ts';
import type { ReadHolder } from './locks/lock-reading.ts';
import { placeAt, placeOfProgram } from './locks/places.ts';
import { hasTimeLimit } from './locks/time-limit.ts';
import { type Look, lookAtCore, lookWhilePaused, lookWhileRunning } from './look.ts';
import type { PassThread } from './pass.ts';
import { type LabelledThread, labelThreads } from './thread-labels.ts';

/** How it is found out who waits for whom. */
export interface LockOptions {
  /** Stop the target's threads while they are read (the default). */
  readonly pause?: boolean;
}

const PASS_OPTIONS = { withVariables: false, withNative: false, withAsync: false, withLocks: true } as const;

/** Finds out what every blocked thread of a process waits for, who holds that, and which threads wait in a circle. */
export function takeLocks(target: LiveTarget, { pause = true }: LockOptions = {}): LockReport {
  if (pause) return lockReportOf(target, lookWhilePaused(target, PASS_OPTIONS));
  const report = lockReportOf(target, lookWhileRunning(target, PASS_OPTIONS));
  if (report.deadlocks.length === 0) return report;
  // A circle may be made of two moments; one that is there again, with the same locks, lasts.
  const again = lockReportOf(target, lookWhileRunning(target, PASS_OPTIONS));
  const lasting = new Set(again.deadlocks.map((deadlock) => circleKey(again, deadlock)));
  return { ...report, deadlocks: report.deadlocks.filter((each) => lasting.has(circleKey(report, each))) };
}

/** Tells a circle from all others, by its threads and what they wait for. */
function circleKey({ threads }: LockReport, { threads: circle }: Deadlock): string {
  const waits = circle.map((at) => {
    const { threadState, wait } = threads[at] ?? {};
    const object = wait !== undefined && 'object' in wait ? wait.object.address : undefined;
    return `${threadState} ${wait?.kind} ${object}`;
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
  const places = new Map(look.pass.threads.map((thread, at) => [thread, at]));
  const { surroundings } = target;
  const threads = labelThreads(target, look).map((labelled) =>
    waitingThreadOf(target, look, { labelled, places, surroundings }),
  );
  const problems = look.pass.threads.flatMap((thread) => thread.problems);
  return {
    process: target.facts,
    takenAt,
    pauseNs: look.pauseNs,
    threads,
    deadlocks: findDeadlocks(threads),
    problems: [...look.pass.problems, ...problems],
  };
}

interface Subject {
  readonly labelled: LabelledThread;
  readonly places: ReadonlyMap<PassThread, number>;
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
  const read = look.locks?.get(thread);
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
  { thread, osThreadId, evidence, takenAt }: ReadHolder,
  places: ReadonlyMap<PassThread, number>,
): Holder {
  const place: CodePlace | undefined = takenAt && placeAt(target, takenAt.frame, takenAt.instructionOffset);
  return { thread: thread && places.get(thread), osThreadId, evidence, takenAt: place };
}
