import type { LockReport, Party, Snapshot, WaitingTask } from '../../src/api/index.ts';
import type { GroundTruth } from './ground-truth.ts';

/** What async-locks.py says of a task that waits; what is absent it does not say. */
interface TrueTaskWait {
  /** `id()` of the task. */
  readonly task: number;
  readonly kind: string;
  /** Of what it waits for. */
  readonly object?: number;
  readonly value?: number;
  /** Of asyncio, that it has called. */
  readonly call?: string;
  /** Tasks, each with the line of the statement that took it. */
  readonly holders: readonly (readonly [task: number, line: number])[];
  readonly awaits: readonly number[];
  readonly hasTimeLimit: boolean;
}

/** What async-locks.py says. */
export interface AsyncLockTruth {
  readonly tasks: readonly TrueTaskWait[];
  /** Threads by name, tasks by address. */
  readonly deadlocks: readonly (readonly (number | string)[])[];
  /** Two tasks in a circle that does not last for ever. */
  readonly limited: readonly number[];
  /** Threads, the tasks that hold what they wait for, and where those took it. */
  readonly heldForThreads: readonly (readonly [thread: string, task: number, line: number])[];
  /** The loop of the main thread, when its timer was due, and how many callbacks are ready. */
  readonly loop: number;
  readonly due: number;
  readonly ready: number;
}

/** Everything that async-locks.py says. */
export function asyncLockTruthOf({ facts }: GroundTruth): AsyncLockTruth {
  return JSON.parse(JSON.stringify(facts));
}

/** What a report says of the same task, in the words of the truth. */
export function seenTaskWait(report: LockReport, truth: TrueTaskWait): object {
  const task = report.tasks.find(({ address }) => address === truth.task);
  if (task === undefined) return { task: 'none' };
  const { wait } = task;
  const facts: object = {
    ...wait,
    task: task.address,
    object: wait !== undefined && 'object' in wait ? wait.object.address : undefined,
    holders: task.holders
      .map((holder) => [addressOf(report.tasks, holder.task), holder.takenAt?.line])
      .toSorted(),
    awaits: task.awaits.map((at) => addressOf(report.tasks, at)).toSorted(),
    hasTimeLimit: task.hasTimeLimit,
  };
  return Object.fromEntries(Object.entries(facts).filter(([key]) => key in truth));
}

function addressOf(tasks: readonly WaitingTask[], at: number | undefined): number | undefined {
  return at === undefined ? undefined : tasks[at]?.address;
}

/** The circles of a report that last for ever: threads by name, tasks by address, each in an order of its own. */
export function seenCircles(report: LockReport): readonly string[] {
  const circles = report.deadlocks.filter(({ hasTimeLimit }) => !hasTimeLimit);
  return inOrder(circles.map(({ parties }) => parties.map((party) => partyName(report, party))));
}

/** The same of the truth. */
export function trueCircles({ deadlocks }: AsyncLockTruth): readonly string[] {
  return inOrder(deadlocks);
}

function inOrder(circles: readonly (readonly (number | string)[])[]): readonly string[] {
  return circles.map((circle) => circle.map(String).toSorted().join(' ')).toSorted();
}

/** What the truth calls a thread or a task of a report. */
export function partyName({ threads, tasks }: LockReport, { kind, at }: Party): number | string {
  return (kind === 'thread' ? threads[at]?.pythonName : tasks[at]?.address) ?? 'nobody';
}

/** Whom a report says to hold what threads wait for: the threads, the tasks, and where those took it. */
export function seenHeldForThreads(report: LockReport): readonly unknown[] {
  return report.threads
    .filter(({ holder }) => holder?.task !== undefined)
    .map(({ pythonName, holder }) => [
      pythonName,
      addressOf(report.tasks, holder?.task),
      holder?.takenAt?.line,
    ])
    .toSorted();
}

/** Who holds the lock that a task waits for, as a snapshot has it. */
export function holdersInSnapshot({ asyncLoops = [] }: Snapshot, { task: address }: TrueTaskWait): unknown {
  const task = asyncLoops.flatMap(({ tasks }) => tasks).find((each) => each.address === address);
  const holders = task?.waitsFor?.primitive?.holders ?? [];
  return holders.map((each) => [each.task, each.takenAt?.line]).toSorted();
}
