import type { InterpreterWatch } from '../cpython/sweep/interpreter-watch.ts';
import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { LookOutcome, ThreadTrack } from '../cpython/sweep/thread-track.ts';
import type { FrameTable } from '../profile/frame-table.ts';
import type { SampledMode } from '../profile/profile.ts';
import { SampleState, type SampleTable } from '../profile/sample-table.ts';
import { EMPTY_STACK, type StackTree } from '../profile/stack-tree.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { CodeBook } from './code-book.ts';
import type { MergeNative } from './merged-stacks.ts';
import { type PauseCounts, PausedSweeps } from './paused-sweeps.ts';
import type { PendingStacks } from './pending-stacks.ts';
import { PythonStacks } from './python-stacks.ts';
import { RunStates } from './run-states.ts';
import { SampledNative } from './sampled-native.ts';
import { SampledTasks } from './sampled-tasks.ts';
import { MIXED_STACK, NO_STACK } from './stack-maker.ts';
import { LEFT_OUT, NOT_KNOWN, type ThreadAtWork, ThreadDoings } from './thread-doings.ts';
import type { ThreadPlaces } from './thread-places.ts';
import { type LabelReader, ThreadRoster } from './thread-roster.ts';
import type { TaskLookCounts } from './waiting-tasks.ts';

/** The tables of a profile, which all its processes fill. */
export interface ProfileTables {
  readonly frames: FrameTable;
  readonly stacks: StackTree;
  readonly places: ThreadPlaces;
  readonly samples: SampleTable;
  /** Where the table of samples has pending stacks; `undefined` where it has those of the profile. */
  readonly pending: PendingStacks | undefined;
}

/** How many looks at threads became samples, how many were lost, and how long the program stood still for them. */
export interface LookCounts extends PauseCounts {
  taken: number;
  /** Of those the stacks of threads that moved while they were read. */
  unsteady: number;
  torn: number;
  unreadable: number;
  readonly tasks: TaskLookCounts;
}

/** Which threads are sampled, and what is noted of them. */
export interface SampleChoice {
  readonly mode: SampledMode;
  /** Only the thread of this name or id. */
  readonly thread: string | undefined;
  /** Stacks by task: of the tasks that run alone, or of those that wait too; left out, by thread. */
  readonly tasks: 'running' | 'all' | undefined;
  /** Put a marker on top of the stack of a thread that collects garbage. */
  readonly withGc: boolean;
  /** The threads that run stand still for each sweep; so they do in any case when native calls are wanted. */
  readonly isBlocking: boolean;
  /** A thread that moves while it is looked at is looked at from the CPU that it runs on. */
  readonly sharesCpu: boolean;
  readonly withNative: boolean;
}

/** Where a process is in a profile, and what tells the names of its threads. */
interface ProcessPlace {
  readonly index: number;
  readonly readLabels: LabelReader;
  /** Merges native calls, where these are wanted. */
  readonly mergeNative?: MergeNative | undefined;
}

/** One process of a profile: its threads are looked at in each sweep, and become samples. */
export class SampledProcess implements Disposable {
  readonly #target: LiveTarget;
  readonly #sweep: ProcessSweep;
  readonly #book: CodeBook;
  readonly #tables: ProfileTables;
  readonly #choice: SampleChoice;
  readonly #place: ProcessPlace;
  readonly #roster: ThreadRoster;
  readonly #runStates: RunStates;
  readonly #doings: ThreadDoings;
  readonly #stacks: PythonStacks;
  readonly #gcFrame: number;
  readonly #tasks: SampledTasks | undefined;
  /** `undefined` where nothing is stopped. */
  readonly #paused: PausedSweeps | undefined;
  readonly #native: SampledNative | undefined;

  constructor(target: LiveTarget, tables: ProfileTables, choice: SampleChoice, place: ProcessPlace) {
    const { sweep, exceptions, objects, pages, words, ...codes } = target.openSweep();
    this.#target = target;
    this.#sweep = sweep;
    this.#tables = tables;
    this.#choice = choice;
    this.#place = place;
    const book = new CodeBook(codes, tables.frames);
    this.#book = book;
    const { changingMemory: live, pid } = target;
    const { index, readLabels, mergeNative } = place;
    this.#roster = new ThreadRoster({ index, pid }, tables.places, readLabels, choice.thread);
    this.#runStates = new RunStates((threadId) => target.watchRunState(threadId));
    this.#gcFrame = tables.frames.indexOf({ kind: 'marker', name: '<GC>', file: '', firstLine: 0, line: 0 });
    const { pending } = tables;
    if (mergeNative !== undefined && pending !== undefined)
      this.#native = new SampledNative(target, { ...tables, pending }, index, mergeNative);
    const walks = this.#native?.walks;
    if (choice.isBlocking || walks !== undefined)
      this.#paused = new PausedSweeps({ target, sweep, runStates: this.#runStates, walks });
    const stacks = this.#native?.pythonStacks ?? tables.stacks;
    const parts = { live, objects, pages, stamps: words, book, frames: tables.frames, stacks };
    this.#tasks = choice.tasks === undefined ? undefined : new SampledTasks(parts, choice.tasks);
    this.#stacks = new PythonStacks(stacks, book, this.#tasks);
    this.#doings = new ThreadDoings({
      mode: choice.mode,
      exceptions,
      // Those that stand still for a sweep ran before it.
      runs: (id, isStill) => this.#paused?.runs(id) ?? this.#runStates.runs(id, isStill),
      activityOf: (id) => target.activityOf(id),
    });
  }

  /**
   * Looks at all threads and adds their samples.
   * @throws {InspectorError} when the process is gone, or runs another program
   */
  sweep(nowNs: number, counts: LookCounts): void {
    const sweep = this.#sweep;
    if (this.#paused === undefined) this.#sweepRunning();
    else this.#sweepPaused(this.#paused, nowNs, counts);
    this.#book.beginSweep(nowNs, sweep.interpreters[0]?.codeGeneration ?? Number.NaN);
    this.#tasks?.beginSweep(sweep, nowNs);
    if (this.#roster.update(sweep, nowNs)) this.#forgetEnded();
    this.#runStates.beginSweep();
    for (const [at, track] of sweep.tracks.entries())
      this.#sample(track, sweep.outcomes[at] ?? 'gone', counts);
    this.#sampleWaiting(counts);
  }

  /** The same process for other tables, in place of this: all that was learnt of it is forgotten, as it has numbers of these. */
  renewed(tables: ProfileTables): SampledProcess {
    this.#close();
    return new SampledProcess(this.#target, tables, this.#choice, this.#place);
  }

  [Symbol.dispose](): void {
    this.#close();
    this.#target[Symbol.dispose]();
  }

  #close(): void {
    this.#leavePlaces(this.#roster.end());
    this.#native?.[Symbol.dispose]();
    this.#paused?.[Symbol.dispose]();
    this.#runStates[Symbol.dispose]();
  }

  /** A thread cannot move while we have its CPU: one that did is looked at once more, from there. */
  #sweepRunning(): void {
    this.#sweep.sweep();
    if (!this.#choice.sharesCpu) return;
    const { tracks, outcomes } = this.#sweep;
    const moved = tracks.find((track, at) => {
      const hasMoved = outcomes[at] === 'torn' || (outcomes[at] !== 'still' && !track.isSteady);
      return hasMoved && this.#roster.isWanted(track);
    });
    const threadId = moved === undefined ? undefined : this.#roster.find(moved)?.osThreadId;
    if (threadId === undefined) return;
    this.#target.moveToCpuOf(threadId);
    this.#sweep.sweepAgain();
  }

  #sweepPaused(paused: PausedSweeps, nowNs: number, counts: LookCounts): void {
    const sweep = this.#sweep;
    // Which threads there are is known after a sweep.
    if (sweep.listVersion === 0) {
      sweep.sweep();
      this.#roster.update(sweep, nowNs);
      this.#forgetEnded();
    }
    const all = this.#threadIds(() => true);
    paused.sweep(all, () => this.#threadIds((thread) => this.#doings.mayCount(thread)), counts);
  }

  /** The kernel's ids of the threads that are sampled and as a test wants them. */
  #threadIds(isWanted: (thread: ThreadAtWork) => boolean): readonly number[] {
    const ids = this.#sweep.tracks.flatMap((track) => {
      const thread = this.#atWork(track);
      if (thread?.osThreadId === undefined || !this.#roster.isWanted(track)) return [];
      return isWanted(thread) ? [thread.osThreadId] : [];
    });
    // A thread has a state for each interpreter that has run on it.
    return [...new Set(ids)];
  }

  #atWork(track: ThreadTrack): ThreadAtWork | undefined {
    const thread = this.#roster.find(track);
    const interpreter = this.#interpreterOf(track);
    if (thread === undefined || interpreter === undefined) return undefined;
    return { track, interpreter, osThreadId: thread.osThreadId };
  }

  #interpreterOf(track: ThreadTrack): InterpreterWatch | undefined {
    return this.#sweep.interpreters.find(({ address }) => address === track.interpreter);
  }

  #sample(track: ThreadTrack, outcome: LookOutcome, counts: LookCounts): void {
    const thread = this.#roster.indexOf(track);
    const { samples } = this.#tables;
    const state = this.#stateOf(track, outcome);
    if (state === LEFT_OUT || outcome === 'gone') {
      samples.interrupt(thread);
      return;
    }
    const stack = state === NOT_KNOWN ? MIXED_STACK : this.#stacks.stackOf(track, outcome);
    if (stack === NO_STACK || stack === MIXED_STACK) {
      samples.interrupt(thread);
      if (stack === MIXED_STACK) counts.torn += 1;
      else counts.unreadable += 1;
    } else if (stack !== EMPTY_STACK) {
      counts.taken += 1;
      if (!track.isSteady && outcome !== 'still') counts.unsteady += 1;
      samples.add(thread, this.#shownStack(track, stack, state), state);
    }
  }

  #stateOf(track: ThreadTrack, outcome: LookOutcome): number {
    const thread = this.#atWork(track);
    if (thread === undefined || !this.#roster.isWanted(track)) return LEFT_OUT;
    return this.#doings.stateOf(thread, outcome === 'still');
  }

  #sampleWaiting(counts: LookCounts): void {
    for (const { track, stack, count } of this.#tasks?.lookAtWaiting(this.#sweep, counts.tasks) ?? []) {
      if (!this.#roster.isWanted(track)) continue;
      counts.taken += count;
      const shown = this.#native?.stackOfWaiting(stack) ?? stack;
      this.#tables.samples.addWaiting(this.#roster.indexOf(track), shown, count);
    }
  }

  /** The stack as the table of samples has it: with native calls if these are wanted, and with a marker. */
  #shownStack(track: ThreadTrack, stack: number, state: number): number {
    const isMarked = this.#choice.withGc && (state & SampleState.collects) !== 0;
    if (this.#native !== undefined) {
      const shown = { stack, own: this.#stacks.ownCallsOf(track), marker: isMarked ? this.#gcFrame : -1 };
      return this.#native.stackOf(track, this.#roster.find(track)?.osThreadId, shown);
    }
    return isMarked ? this.#tables.stacks.child(stack, this.#gcFrame) : stack;
  }

  #forgetEnded(): void {
    this.#leavePlaces(this.#roster.left);
    const tracks = new Map(this.#sweep.tracks.map((track) => [track, this.#roster.find(track)?.osThreadId]));
    this.#stacks.keepOnly(tracks);
    this.#runStates.keepOnly(new Set([...tracks.values()].filter((id) => id !== undefined)));
    this.#native?.update(tracks);
  }

  /** The places of threads that have ended: that of one without a sample is another's. */
  #leavePlaces(left: readonly number[]): void {
    const { places, samples } = this.#tables;
    for (const place of left) {
      samples.interrupt(place);
      if (samples.knows(place)) places.keep(place);
      else places.release(place);
    }
  }
}
