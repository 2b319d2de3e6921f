import type { Address } from '../base/address.ts';
import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import { isThreadCalled, noSuchThread, type StateLabels } from '../model/thread-labels.ts';
import type { ThreadPlaces } from './thread-places.ts';

/** Reads what the threads of a process are called, by the addresses of their states. */
export type LabelReader = () => ReadonlyMap<Address, StateLabels>;

/** Reading names takes a millisecond: programs that start a thread for every request do not wait for it each time. */
const LABELS_LAST_NS = 100_000_000;
/** The dict of the threading module may be seen half moved: so often is it read again for threads without a name. */
const MOST_READINGS = 10;

/**
 * Checks that a process has a thread of this name or id.
 * @throws {NoSuchThreadError} with those that it has
 */
export function checkThread(wanted: string, readLabels: LabelReader): void {
  let labels: ReadonlyMap<Address, StateLabels> = new Map();
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    labels = readLabels();
    for (const label of labels.values()) if (isThreadCalled(label, wanted)) return;
  }
  throw noSuchThread(wanted, labels.values());
}

/** A thread that is there. */
interface PresentThread {
  readonly place: number;
  /** The kernel's id, as soon as it is known. */
  osThreadId: number | undefined;
  name: string | undefined;
}

/** The threads of one process in a profile: each track of a sweep has its place in the list of threads. */
export class ThreadRoster {
  readonly #process: { readonly index: number; readonly pid: number };
  readonly #readLabels: LabelReader;
  /** Those of the threads of all processes. */
  readonly #places: ThreadPlaces;
  readonly #wanted: string | undefined;
  readonly #chosen = new Set<ThreadTrack>();
  readonly #present = new Map<ThreadTrack, PresentThread>();
  /** Places whose threads were gone at the last update. */
  #left: number[] = [];
  #listVersion = 0;
  #readAtNs = Number.NEGATIVE_INFINITY;
  #isLabelled = true;
  #readings = 0;

  /** @param wanted the name or id of the only thread that counts; all do without it */
  constructor(
    process: { readonly index: number; readonly pid: number },
    places: ThreadPlaces,
    readLabels: LabelReader,
    wanted?: string | undefined,
  ) {
    this.#wanted = wanted;
    this.#process = process;
    this.#places = places;
    this.#readLabels = readLabels;
  }

  /** Takes up the threads that are new in a sweep; whether there are any, or names have come in. */
  update(sweep: ProcessSweep, nowNs: number): boolean {
    if (this.#left.length > 0) this.#left = [];
    const isNew = sweep.listVersion !== this.#listVersion;
    if (isNew) {
      this.#listVersion = sweep.listVersion;
      for (const track of sweep.tracks) if (!this.#present.has(track)) this.#add(sweep, track);
      for (const track of this.#present.keys()) if (!sweep.tracks.includes(track)) this.#forget(track);
    }
    if (this.#isLabelled || nowNs - this.#readAtNs < LABELS_LAST_NS) return isNew;
    this.#readAtNs = nowNs;
    this.#label();
    return true;
  }

  /** The place of a thread in the list of threads. */
  indexOf(track: ThreadTrack): number {
    const thread = this.#present.get(track);
    if (thread === undefined) throw new RangeError('Cannot find a thread that no sweep has seen');
    return thread.place;
  }

  /** A thread as far as it is known; `undefined` for one that is new in the last sweep. */
  find(track: ThreadTrack): Readonly<PresentThread> | undefined {
    return this.#present.get(track);
  }

  /** Whether a thread is one that counts: not before it is known what it is called, if that matters. */
  isWanted(track: ThreadTrack): boolean {
    return this.#wanted === undefined || this.#chosen.has(track);
  }

  /** The places of threads that the last update has found gone. */
  get left(): readonly number[] {
    return this.#left;
  }

  /** Lets go of all threads, as when the process has ended, and answers their places. */
  end(): readonly number[] {
    const places = Array.from(this.#present.values(), ({ place }) => place);
    this.#present.clear();
    this.#chosen.clear();
    return places;
  }

  #forget(track: ThreadTrack): void {
    this.#left.push(this.indexOf(track));
    this.#present.delete(track);
    this.#chosen.delete(track);
  }

  #add({ interpreters }: ProcessSweep, track: ThreadTrack): void {
    const place = this.#places.begin({
      process: this.#process.index,
      interpreterId: interpreters.find(({ address }) => address === track.interpreter)?.id ?? 0,
      osThreadId: undefined,
      pthreadId: track.threadId,
      name: undefined,
      isMainThread: false,
    });
    this.#present.set(track, { place, osThreadId: undefined, name: undefined });
    this.#isLabelled = false;
    this.#readings = 0;
  }

  #label(): void {
    const labels = this.#readLabels();
    this.#readings += 1;
    const areAllNamed = [...this.#present.keys()].every(
      (track) => labelOf(track, labels)?.pythonName !== undefined,
    );
    this.#isLabelled = areAllNamed || this.#readings === MOST_READINGS;
    for (const [track, thread] of this.#present) {
      const label = labelOf(track, labels);
      if (label === undefined) continue;
      if (this.#wanted !== undefined && isThreadCalled(label, this.#wanted)) this.#chosen.add(track);
      else this.#chosen.delete(track);
      thread.osThreadId = label.osThreadId ?? thread.osThreadId;
      thread.name = label.pythonName ?? thread.name ?? label.kernelName;
      this.#places.learn(thread.place, {
        osThreadId: thread.osThreadId,
        pthreadId: label.pthreadId ?? track.threadId,
        name: thread.name,
        isMainThread: label.osThreadId === this.#process.pid,
      });
    }
  }
}

/** What a thread is called, if it is the one that was asked: its state may be another's by now. */
function labelOf(track: ThreadTrack, labels: ReadonlyMap<Address, StateLabels>): StateLabels | undefined {
  const label = labels.get(track.state);
  const { threadId = 0, ownId = 0 } = label?.stateIds ?? {};
  return threadId === track.threadId && ownId === track.ownId ? label : undefined;
}
