import type { Address } from '../../base/address.ts';
import type { InterpreterWatch } from '../../cpython/sweep/interpreter-watch.ts';
import type { ProcessSweep } from '../../cpython/sweep/process-sweep.ts';
import type { ThreadTrack } from '../../cpython/sweep/thread-track.ts';
import type { GilFrame } from '../../model/gil-report.ts';
import { FrameTable } from '../../profile/frame-table.ts';
import type { ProfiledThread } from '../../profile/profile.ts';
import { frameIndices, StackTree } from '../../profile/stack-tree.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { CodeBook, type CodeBookParts } from '../code-book.ts';
import { StackMaker } from '../stack-maker.ts';
import { ThreadPlaces } from '../thread-places.ts';
import { type LabelReader, ThreadRoster } from '../thread-roster.ts';

/** A thread, as those that look at it thousands of times a second need it. */
export interface FollowedThread {
  /** Its place among the threads. */
  readonly index: number;
  /** Address of its PyThreadState. */
  readonly state: Address;
  readonly interpreter: InterpreterWatch;
  readonly osThreadId: number | undefined;
}

/** The threads of a process that may hold a GIL: which there are, what they are called, and what they run. */
export class GilThreads {
  /** Those that are. */
  followed: readonly FollowedThread[] = [];
  readonly #sweep: ProcessSweep;
  readonly #codes: CodeBookParts;
  readonly #places = new ThreadPlaces();
  readonly #roster: ThreadRoster;
  #indices: ReadonlyMap<number, number> = new Map();

  constructor(target: LiveTarget, readLabels: LabelReader) {
    const { sweep, ...codes } = target.openSweep();
    this.#sweep = sweep;
    this.#codes = codes;
    this.#roster = new ThreadRoster({ index: 0, pid: target.pid }, this.#places, readLabels);
  }

  /** Those that are, at their places, and those that have ended and are not yet forgotten. */
  get threads(): readonly ProfiledThread[] {
    return this.#places.threads;
  }

  get interpreters(): readonly InterpreterWatch[] {
    return this.#sweep.interpreters;
  }

  /**
   * Reads which threads there are; whether others than before, or known by more.
   * @throws {ProcessExitedError} when the process is gone
   */
  refresh(nowNs: number): boolean {
    this.#sweep.sweep();
    if (!this.#roster.update(this.#sweep, nowNs)) return false;
    this.followed = this.#sweep.tracks.flatMap((track) => this.#follow(track));
    this.#indices = new Map(this.followed.map(({ state, index }) => [state, index] as const));
    return true;
  }

  /** The place of the thread that has a PyThreadState; `undefined` for one that is new. */
  indexOf(state: number): number | undefined {
    return this.#indices.get(state);
  }

  /** Lets go of a thread that has ended; its place is another's from now on. */
  forget(index: number): void {
    this.#places.release(index);
  }

  /** Reads what a thread runs at this moment, innermost first; `undefined` when that cannot be had. */
  readStack(index: number, nowNs: number): readonly GilFrame[] | undefined {
    const track = this.#sweep.tracks.find(({ state }) => this.indexOf(state) === index);
    const outcome = track?.look();
    if (track === undefined || outcome === 'torn' || outcome === 'gone') return undefined;
    const [table, tree] = [new FrameTable(), new StackTree()];
    const book = new CodeBook(this.#codes, table);
    book.beginSweep(nowNs, this.interpreters[0]?.codeGeneration ?? Number.NaN);
    track.frames.unchanged = 0;
    const stack = new StackMaker(tree, book).stackOf(track.frames, track.isCertain);
    if (stack < 0) return undefined;
    return frameIndices(tree.columns, stack)
      .toReversed()
      .flatMap((frame) => table.frames[frame] ?? []);
  }

  #follow(track: ThreadTrack): readonly FollowedThread[] {
    const interpreter = this.interpreters.find(({ address }) => address === track.interpreter);
    if (interpreter === undefined) return [];
    const index = this.#roster.indexOf(track);
    return [{ index, state: track.state, interpreter, osThreadId: this.threads[index]?.osThreadId }];
  }
}
