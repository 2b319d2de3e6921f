import type { Address } from '../base/address.ts';
import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import { isThreadCalled, noSuchThread, type ThreadLabels } from '../model/thread-labels.ts';
import type { ProfiledThread } from '../profile/profile.ts';

/** Reads what the threads of a process are called, by the addresses of their states. */
export type LabelReader = () => ReadonlyMap<Address, ThreadLabels>;

/** Reading names takes a millisecond: programs that start a thread for every request do not wait for it each time. */
const LABELS_LAST_NS = 100_000_000;
/** The dict of the threading module may be seen half moved: so often is it read again for threads without a name. */
const MOST_READINGS = 10;

/**
 * Checks that a process has a thread of this name or id.
 * @throws {NoSuchThreadError} with those that it has
 */
export function checkThread(wanted: string, readLabels: LabelReader): void {
  let labels: ReadonlyMap<Address, ThreadLabels> = new Map();
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    labels = readLabels();
    for (const label of labels.values()) if (isThreadCalled(label, wanted)) return;
  }
  throw noSuchThread(wanted, labels.values());
}

/** The threads of one process in a profile: each track of a sweep has its place in the list of threads. */
export class ThreadRoster {
  readonly #process: { readonly index: number; readonly pid: number };
  readonly #readLabels: LabelReader;
  /** Those of all processes. */
  readonly #threads: ProfiledThread[];
  readonly #wanted: string | undefined;
  readonly #chosen = new Set<ThreadTrack>();
  readonly #indices = new Map<ThreadTrack, number>();
  /** Places whose threads nobody speaks of any more. */
  readonly #spare: number[] = [];
  #listVersion = 0;
  #readAtNs = Number.NEGATIVE_INFINITY;
  #isLabelled = true;
  #readings = 0;

  /** @param wanted the name or id of the only thread that counts; all do without it */
  constructor(
    process: { readonly index: number; readonly pid: number },
    threads: ProfiledThread[],
    readLabels: LabelReader,
    wanted?: string | undefined,
  ) {
    this.#wanted = wanted;
    this.#process = process;
    this.#threads = threads;
    this.#readLabels = readLabels;
  }

  /** Takes up the threads that are new in a sweep; whether there are any, or names have come in. */
  update(sweep: ProcessSweep, nowNs: number): boolean {
    const isNew = sweep.listVersion !== this.#listVersion;
    if (isNew) {
      this.#listVersion = sweep.listVersion;
      for (const track of sweep.tracks) if (!this.#indices.has(track)) this.#add(sweep, track);
      for (const track of this.#indices.keys()) if (!sweep.tracks.includes(track)) this.#forget(track);
    }
    if (this.#isLabelled || nowNs - this.#readAtNs < LABELS_LAST_NS) return isNew;
    this.#readAtNs = nowNs;
    this.#label();
    return true;
  }

  /** The place of a thread in the list of threads. */
  indexOf(track: ThreadTrack): number {
    const index = this.#indices.get(track);
    if (index === undefined) throw new RangeError('Cannot find a thread that no sweep has seen');
    return index;
  }

  /** A thread as far as it is known; `undefined` for one that is new in the last sweep. */
  find(track: ThreadTrack): ProfiledThread | undefined {
    return this.#threads[this.#indices.get(track) ?? -1];
  }

  /** Whether a thread is one that counts: not before it is known what it is called, if that matters. */
  isWanted(track: ThreadTrack): boolean {
    return this.#wanted === undefined || this.#chosen.has(track);
  }

  /** Gives the place of a thread that has ended to one that comes later. */
  release(index: number): void {
    this.#spare.push(index);
  }

  #forget(track: ThreadTrack): void {
    this.#indices.delete(track);
    this.#chosen.delete(track);
  }

  #add({ interpreters }: ProcessSweep, track: ThreadTrack): void {
    const index = this.#spare.pop() ?? this.#threads.length;
    this.#indices.set(track, index);
    this.#threads[index] = {
      process: this.#process.index,
      interpreterId: interpreters.find(({ address }) => address === track.interpreter)?.id ?? 0,
      osThreadId: undefined,
      pthreadId: track.threadId,
      name: undefined,
      isMainThread: false,
    };
    this.#isLabelled = false;
    this.#readings = 0;
  }

  #label(): void {
    const labels = this.#readLabels();
    this.#readings += 1;
    const areAllNamed = [...this.#indices.keys()].every(
      ({ state }) => labels.get(state)?.pythonName !== undefined,
    );
    this.#isLabelled = areAllNamed || this.#readings === MOST_READINGS;
    for (const [track, index] of this.#indices) {
      const label = labels.get(track.state);
      const thread = this.#threads[index];
      if (label === undefined || thread === undefined) continue;
      if (this.#wanted !== undefined && isThreadCalled(label, this.#wanted)) this.#chosen.add(track);
      else this.#chosen.delete(track);
      this.#threads[index] = {
        ...thread,
        osThreadId: label.osThreadId ?? thread.osThreadId,
        pthreadId: label.pthreadId ?? thread.pthreadId,
        name: label.pythonName ?? thread.name ?? label.kernelName,
        isMainThread: label.osThreadId === this.#process.pid,
      };
    }
  }
}
