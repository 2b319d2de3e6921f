import type { LockReport, SystemCallWait, WaitingThread } from '../../src/api/index.ts';
import type { GroundTruth } from './ground-truth.ts';

/** What locks.py says of a blocked thread; what is absent it does not say. */
export interface TrueWait {
  readonly thread: string;
  readonly kind: string;
  readonly object?: number;
  /** The name, and the type of what it is an attribute of. */
  readonly path?: readonly string[] | null;
  /** Absent when nobody can be named. */
  readonly holder?: string;
  readonly evidence?: string;
  readonly line?: number;
}

/** Everything that locks.py says of its blocked threads. */
export function waitsOf({ facts }: GroundTruth): readonly TrueWait[] {
  return JSON.parse(JSON.stringify(facts['waits']));
}

/** What is to be seen of one of them. */
export function trueWait({ thread: _, path, ...facts }: TrueWait): object {
  return { ...facts, ...(path === undefined || path === null ? {} : { path }) };
}

/** What a report says of the same thread, in the words of the truth. */
export function seenWait({ threads }: LockReport, truth: TrueWait): object {
  const thread = threads.find(({ pythonName }) => pythonName === truth.thread);
  const { wait, holder } = thread ?? {};
  if (wait === undefined) return { wait: 'none' };
  const object = 'object' in wait ? wait.object : undefined;
  const { name } = object ?? {};
  const wanted = trueWait(truth);
  const call = wait.kind === 'system-call' ? seenCall(wait) : {};
  const facts = {
    ...wait,
    ...call,
    object: object?.address,
    path: name && [name.path, ...(name.of === undefined ? [] : [name.of.typeName])],
    holder: nameOf(holder?.thread === undefined ? undefined : threads[holder.thread]),
    evidence: holder?.evidence,
    line: holder?.takenAt?.line,
  };
  const always = ['kind', 'holder', 'evidence', 'line'];
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([key, value]) => key in wanted || (always.includes(key) && value !== undefined),
    ),
  );
}

function seenCall({ files, child, lastsSeconds, remainingSeconds }: SystemCallWait): object {
  const seconds = lastsSeconds ?? remainingSeconds;
  return {
    files: JSON.parse(JSON.stringify(files)),
    child: typeof child === 'object' ? child.pid : child,
    // Some seconds of the last have gone by.
    sleeps: seconds === undefined ? undefined : Math.ceil(seconds / 1000) * 1000,
  };
}

function nameOf(thread: WaitingThread | undefined): string | undefined {
  return thread?.pythonName;
}

/** The names of the threads of each deadlock that locks.py has, in an order of their own. */
export function trueDeadlocks({ facts }: GroundTruth): readonly (readonly string[])[] {
  const told: readonly (readonly string[])[] = JSON.parse(JSON.stringify(facts['deadlocks']));
  return told.map((names) => names.toSorted()).toSorted();
}

/** The same of a report. */
export function seenDeadlocks({ deadlocks, threads }: LockReport): readonly (readonly string[])[] {
  return deadlocks
    .map(({ parties }) =>
      parties.map(({ kind, at }) => nameOf(kind === 'thread' ? threads[at] : undefined) ?? kind),
    )
    .map((names) => names.toSorted())
    .toSorted();
}
