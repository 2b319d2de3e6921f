import { gilStateOf } from '../cpython/gil-state.ts';
import { type HandledExceptions, MOVED } from '../cpython/sweep/handled-exceptions.ts';
import type { InterpreterWatch } from '../cpython/sweep/interpreter-watch.ts';
import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { LookOutcome, ThreadTrack } from '../cpython/sweep/thread-track.ts';
import type { FrameTable } from '../profile/frame-table.ts';
import type { ProfiledThread, SampledMode } from '../profile/profile.ts';
import { SampleState, type SampleTable } from '../profile/sample-table.ts';
import { EMPTY_STACK, type StackTree } from '../profile/stack-tree.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { monotonicNs } from '../target/sampling-host.ts';
import { CodeBook } from './code-book.ts';
import type { MergeNative } from './merged-stacks.ts';
import { type PauseCounts, PausedSweeps } from './paused-sweeps.ts';
import type { PendingStacks } from './pending-stacks.ts';
import { RunStates } from './run-states.ts';
import { SampledNative } from './sampled-native.ts';
import { MIXED_STACK, NO_STACK, StackMaker } from './stack-maker.ts';
import { TaskStacks } from './task-stacks.ts';
import { type LabelReader, ThreadRoster } from './thread-roster.ts';
import { type TaskLookCounts, WaitingTasks } from './waiting-tasks.ts';

/** The tables of a profile, which all its processes fill. */
export interface ProfileTables {
  readonly frames: FrameTable;
  readonly stacks: StackTree;
  readonly threads: ProfiledThread[];
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
  readonly withNative: boolean;
}

/** Where a process is in a profile, and what tells the names of its threads. */
interface ProcessPlace {
  readonly index: number;
  readonly readLabels: LabelReader;
  /** Merges native calls, where these are wanted. */
  readonly mergeNative?: MergeNative | undefined;
}

/** A thread and what is known of it. */
interface LookedAt {
  readonly track: ThreadTrack;
  readonly thread: ProfiledThread;
  readonly interpreter: InterpreterWatch;
}

/** One process of a profile: its threads are looked at in each sweep, and become samples. */
export class SampledProcess implements Disposable {
  readonly #target: LiveTarget;
  readonly #sweep: ProcessSweep;
  readonly #exceptions: HandledExceptions;
  readonly #book: CodeBook;
  readonly #tables: ProfileTables;
  readonly #choice: SampleChoice;
  readonly #place: ProcessPlace;
  readonly #roster: ThreadRoster;
  readonly #runStates: RunStates;
  readonly #makers = new Map<ThreadTrack, StackMaker>();
  readonly #gcFrame: number;
  readonly #tasks: TaskStacks | undefined;
  readonly #waiting: WaitingTasks | undefined;
  /** `undefined` where nothing is stopped. */
  readonly #paused: PausedSweeps | undefined;
  readonly #native: SampledNative | undefined;

  constructor(target: LiveTarget, tables: ProfileTables, choice: SampleChoice, place: ProcessPlace) {
    const { sweep, exceptions, objects, pages, words, ...codes } = target.openSweep();
    this.#target = target;
    this.#sweep = sweep;
    this.#exceptions = exceptions;
    this.#tables = tables;
    this.#choice = choice;
    this.#place = place;
    this.#book = new CodeBook(codes, tables.frames);
    const live = target.changingMemory;
    this.#tasks =
      choice.tasks === undefined
        ? undefined
        : new TaskStacks({ live, objects, pages, stamps: words, book: this.#book, ...tables });
    this.#waiting =
      this.#tasks === undefined || choice.tasks !== 'all'
        ? undefined
        : new WaitingTasks({
            paths: this.#tasks.paths,
            objects,
            pages,
            nowNs: monotonicNs,
            random: Math.random,
          });
    const process = { index: place.index, pid: target.pid };
    this.#roster = new ThreadRoster(process, tables.threads, place.readLabels, choice.thread);
    this.#runStates = new RunStates((threadId) => target.watchRunState(threadId));
    this.#gcFrame = tables.frames.indexOf({ kind: 'marker', name: '<GC>', file: '', firstLine: 0, line: 0 });
    const { pending } = tables;
    const { index, mergeNative } = place;
    if (mergeNative !== undefined && pending !== undefined)
      this.#native = new SampledNative(target, { ...tables, pending }, index, mergeNative);
    const walks = this.#native?.walks;
    if (choice.isBlocking || walks !== undefined)
      this.#paused = new PausedSweeps({ target, sweep, runStates: this.#runStates, walks });
  }

  /**
   * Looks at all threads and adds their samples.
   * @throws {InspectorError} when the process is gone, or runs another program
   */
  sweep(nowNs: number, counts: LookCounts): void {
    const sweep = this.#sweep;
    if (this.#paused === undefined) sweep.sweep();
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
    this.#native?.[Symbol.dispose]();
    this.#runStates[Symbol.dispose]();
    return new SampledProcess(this.#target, tables, this.#choice, this.#place);
  }

  [Symbol.dispose](): void {
    this.#native?.[Symbol.dispose]();
    this.#runStates[Symbol.dispose]();
    this.#target[Symbol.dispose]();
  }

  #sweepPaused(paused: PausedSweeps, nowNs: number, counts: LookCounts): void {
    const sweep = this.#sweep;
    // Which threads there are is known after a sweep.
    if (sweep.listVersion === 0) {
      sweep.sweep();
      this.#roster.update(sweep, nowNs);
      this.#forgetEnded();
    }
    const ids = this.#threadIds(() => true);
    paused.sweep(ids, () => this.#threadIds((id, track) => this.#isUnwound(paused, id, track)), counts);
  }

  /** The kernel's ids of the threads that are sampled and as a test wants them. */
  #threadIds(isWanted: (osThreadId: number, track: ThreadTrack) => boolean): readonly number[] {
    const ids = this.#sweep.tracks.flatMap((track) => {
      const thread = this.#roster.find(track);
      if (thread?.osThreadId === undefined || !this.#roster.isWanted(track)) return [];
      return isWanted(thread.osThreadId, track) ? [thread.osThreadId] : [];
    });
    // A thread has a state for each interpreter that has run on it.
    return [...new Set(ids)];
  }

  #isUnwound(paused: PausedSweeps, osThreadId: number, track: ThreadTrack): boolean {
    switch (this.#choice.mode) {
      case 'cpu':
        return paused.runs(osThreadId) === true;
      case 'gil':
        return this.#interpreterOf(track)?.gil.holder === track.state;
      case 'wall':
      case 'gil-wait':
      case 'exception':
        return true;
    }
  }

  #interpreterOf(track: ThreadTrack): InterpreterWatch | undefined {
    return this.#sweep.interpreters.find(({ address }) => address === track.interpreter);
  }

  #sample(track: ThreadTrack, outcome: LookOutcome, counts: LookCounts): void {
    const thread = this.#roster.indexOf(track);
    const { samples } = this.#tables;
    const state = this.#stateOf(track, thread, outcome);
    if (state === LEFT_OUT || outcome === 'gone') {
      samples.interrupt(thread);
      return;
    }
    const stack = state === NOT_KNOWN ? MIXED_STACK : this.#stackOf(track, outcome);
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

  #sampleWaiting(counts: LookCounts): void {
    if (this.#waiting === undefined) return;
    const { tracks, interpreters } = this.#sweep;
    const owners = interpreters.map(({ address: interpreter }) => ({
      interpreter,
      threads: tracks.filter((track) => track.interpreter === interpreter),
    }));
    for (const { threadState, stack, count } of this.#waiting.look(owners, counts.tasks)) {
      const track = tracks.find(({ state }) => state === threadState);
      if (track === undefined || count === 0 || !this.#roster.isWanted(track)) continue;
      counts.taken += count;
      this.#tables.samples.addWaiting(this.#roster.indexOf(track), stack, count);
    }
  }

  #stackOf(track: ThreadTrack, outcome: LookOutcome): number {
    const stack = this.#plainStackOf(track, outcome);
    if (this.#tasks === undefined || stack === NO_STACK || stack === MIXED_STACK) return stack;
    return this.#tasks.stackOf(track, stack, outcome === 'still');
  }

  #plainStackOf(track: ThreadTrack, outcome: LookOutcome): number {
    const maker = this.#makerOf(track);
    if (outcome === 'still' && maker.isCurrent(track.frames)) return maker.last;
    return outcome === 'torn' ? MIXED_STACK : maker.stackOf(track.frames, track.isSteady);
  }

  /** What the thread does as bits of {@link SampleState}; {@link LEFT_OUT} when it is none of those that are wanted, or {@link NOT_KNOWN}. */
  #stateOf(track: ThreadTrack, index: number, outcome: LookOutcome): number {
    const thread = this.#tables.threads[index];
    const interpreter = this.#interpreterOf(track);
    if (thread === undefined || interpreter === undefined) return LEFT_OUT;
    if (!this.#roster.isWanted(track)) return LEFT_OUT;
    const doing = this.#doingOf({ track, thread, interpreter }, outcome === 'still');
    if (doing === LEFT_OUT || doing === NOT_KNOWN) return doing;
    const holds = interpreter.gil.holder === track.state;
    const collects = interpreter.isCollecting && holds;
    return (
      doing |
      (holds ? SampleState.holdsGil : 0) |
      (collects ? SampleState.collects : 0) |
      (track.isRaising ? SampleState.raises : 0)
    );
  }

  /** What the mode is about: the bit of it, or {@link LEFT_OUT} for a thread that does something else. */
  #doingOf({ track, thread, interpreter }: LookedAt, isStill: boolean): number {
    const { osThreadId } = thread;
    switch (this.#choice.mode) {
      case 'wall':
        return 0;
      case 'gil':
        return interpreter.gil.holder === track.state ? SampleState.holdsGil : LEFT_OUT;
      case 'gil-wait':
        return this.#waitsForGil(track, thread, interpreter) ? SampleState.waitsForGil : LEFT_OUT;
      case 'exception':
        return this.#handlingOf(track, isStill);
      case 'cpu':
        // Of a thread that could not be told it is not known whether it runs, and so it is shown.
        if (osThreadId === undefined) return 0;
        return (this.#paused?.runs(osThreadId) ?? this.#runStates.runs(osThreadId, isStill))
          ? SampleState.onCpu
          : LEFT_OUT;
    }
  }

  /** An exception that is on its way is a bit of its own, which every mode has. */
  #handlingOf(track: ThreadTrack, isStill: boolean): number {
    const handles = this.#exceptions.isHandling(track, isStill);
    if (handles === true) return SampleState.handles;
    if (track.isRaising) return 0;
    return handles === MOVED ? NOT_KNOWN : LEFT_OUT;
  }

  #waitsForGil(
    { state }: ThreadTrack,
    { osThreadId }: ProfiledThread,
    { gil, gilWaits }: InterpreterWatch,
  ): boolean {
    if (osThreadId === undefined || gil.holder === state) return false;
    const facts = { hasGil: gil.isInUse, gilHolder: undefined, gilWaits };
    return gilStateOf(facts, { address: state }, this.#target.activityOf(osThreadId)) === 'waits';
  }

  /** The stack as the table of samples has it: with native calls if these are wanted, and with a marker. */
  #shownStack(track: ThreadTrack, stack: number, state: number): number {
    const isMarked = this.#choice.withGc && (state & SampleState.collects) !== 0;
    const native = this.#native;
    if (native !== undefined)
      return native.stackOf(
        track,
        this.#roster.find(track)?.osThreadId,
        stack,
        isMarked ? this.#gcFrame : -1,
      );
    return isMarked ? this.#tables.stacks.child(stack, this.#gcFrame) : stack;
  }

  #makerOf(track: ThreadTrack): StackMaker {
    const known = this.#makers.get(track);
    if (known !== undefined) return known;
    const maker = new StackMaker(this.#native?.pythonStacks ?? this.#tables.stacks, this.#book);
    this.#makers.set(track, maker);
    return maker;
  }

  #forgetEnded(): void {
    const tracks = new Map(this.#sweep.tracks.map((track) => [track, this.#roster.find(track)?.osThreadId]));
    for (const track of this.#makers.keys()) if (!tracks.has(track)) this.#makers.delete(track);
    this.#runStates.keepOnly(new Set([...tracks.values()].filter((id) => id !== undefined)));
    this.#native?.update(tracks);
  }
}

const LEFT_OUT = -1;
/** The thread moved while it was asked. */
const NOT_KNOWN = -2;
