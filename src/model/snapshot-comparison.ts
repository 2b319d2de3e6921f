import type { Frame } from './frame.ts';
import type { Snapshot } from './snapshot.ts';
import type { ThreadStack } from './thread-stack.ts';

/** What became of a thread since the look before. */
export type ThreadChange =
  | { readonly kind: 'new' }
  | { readonly kind: 'moved' }
  | {
      readonly kind: 'same-place';
      /** Between the first look that found it there and this one. */
      readonly seconds: number;
      /** How many looks in a row found it there, this one included. */
      readonly looks: number;
      /** CPU time that it used meanwhile: much of it means that it goes round within that place. */
      readonly cpuTimeNs: bigint | undefined;
    };

/** A snapshot in a row of them, and what changed since the one before. */
export interface Look {
  readonly snapshot: Snapshot;
  /** 1 for the first. */
  readonly number: number;
  /** The change of each thread of the snapshot. */
  readonly changes: ReadonlyMap<ThreadStack, ThreadChange>;
  /** Threads of the look before that are no more. */
  readonly ended: readonly ThreadStack[];
  /** Where each thread came to the place in which it is, by the address of its state. */
  readonly arrivals: ReadonlyMap<number, Arrival>;
}

/** The first of the looks that found a thread at one place. */
export interface Arrival {
  readonly thread: ThreadStack;
  readonly takenAt: string;
  readonly looks: number;
}

/**
 * Compares a snapshot with the look before. A thread is at the same place when all its frames are: same frame, same
 * code, same position in it.
 */
export function compareSnapshots(previous: Look | undefined, current: Snapshot): Look {
  const changes = new Map<ThreadStack, ThreadChange>();
  const arrivals = new Map<number, Arrival>();
  for (const thread of current.threads) {
    const before = previous?.arrivals.get(thread.threadState);
    const isKnown = before !== undefined && before.thread.osThreadId === thread.osThreadId;
    const isThere = isKnown && isSamePlace(before.thread.frames, thread.frames);
    const arrival = isThere
      ? { ...before, looks: before.looks + 1 }
      : { thread, takenAt: current.takenAt, looks: 1 };
    arrivals.set(thread.threadState, arrival);
    if (isThere) changes.set(thread, samePlace(arrival, thread, current));
    else changes.set(thread, { kind: isKnown ? 'moved' : 'new' });
  }
  const ended = previous?.snapshot.threads.filter((thread) => !isAmong(thread, current.threads)) ?? [];
  return { snapshot: current, number: (previous?.number ?? 0) + 1, changes, ended, arrivals };
}

function samePlace(arrival: Arrival, thread: ThreadStack, { takenAt }: Snapshot): ThreadChange {
  const cpuBefore = arrival.thread.cpuTimeNs;
  return {
    kind: 'same-place',
    seconds: (Date.parse(takenAt) - Date.parse(arrival.takenAt)) / 1000,
    looks: arrival.looks,
    cpuTimeNs:
      thread.cpuTimeNs === undefined || cpuBefore === undefined ? undefined : thread.cpuTimeNs - cpuBefore,
  };
}

function isAmong(thread: ThreadStack, threads: readonly ThreadStack[]): boolean {
  return threads.some(
    ({ threadState, osThreadId }) => threadState === thread.threadState && osThreadId === thread.osThreadId,
  );
}

function isSamePlace(before: readonly Frame[], now: readonly Frame[]): boolean {
  return before.length === now.length && now.every((frame, index) => isSameFrame(before[index], frame));
}

function isSameFrame(before: Frame | undefined, now: Frame): boolean {
  return (
    before !== undefined &&
    before.address === now.address &&
    before.codeAddress === now.codeAddress &&
    before.position?.line === now.position?.line &&
    before.position?.column === now.position?.column &&
    before.position?.endColumn === now.position?.endColumn
  );
}
