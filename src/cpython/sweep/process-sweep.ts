import { type Address, isAddress, WORD_BYTES } from '../../base/address.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';
import { readInterpreters } from '../interpreters.ts';
import type { CPythonRuntime } from '../runtime.ts';
import { InterpreterWatch } from './interpreter-watch.ts';
import { type SweepLayout, sweepLayoutOf } from './sweep-layout.ts';
import { type ListedState, type LookOutcome, ThreadTrack } from './thread-track.ts';
import { wordAt } from './words.ts';

/** What a sweep reads with. */
export interface SweepReaders {
  /** For what seldom changes. */
  readonly memory: Memory;
  readonly sweep: RangeReader;
  /** For what has to be read again while the other buffer is still evaluated. */
  readonly repairs: RangeReader;
}

/** After so many, looks are so far apart that it is in vain to read the last holder of the GIL alone first. */
const MOST_SWITCHES_IN_ROW = 2;
/** More threads of one interpreter than this are a list that runs in circles. */
const MOST_THREADS = 65_536;
/** How often a list of threads is followed that changes meanwhile. */
const MOST_LOOKS_AT_LIST = 4;

/**
 * Looks at all threads of a process again and again, with one or two system calls for a look at all of them. Where a GIL
 * tells that no other thread has run since the last look, only the one that may have is read: frames move only while their
 * thread holds the GIL, and the GIL counts how often it went to another thread.
 */
export class ProcessSweep {
  /** The threads of the last sweep. */
  tracks: readonly ThreadTrack[] = [];
  /** How the last sweep's look at each of them came out. */
  outcomes: LookOutcome[] = [];
  /** Counts up whenever the threads are others than before. */
  listVersion = 0;
  interpreters: readonly InterpreterWatch[] = [];

  readonly #runtime: CPythonRuntime;
  readonly #layout: SweepLayout;
  readonly #readers: SweepReaders;
  /** Of the GIL when all threads were known last; NaN when they are not. */
  #switchNumber = Number.NaN;
  /** How many of the last looks found that the GIL had gone to another thread since the one before. */
  #switchesInRow = 0;
  #isListStale = true;

  constructor(runtime: CPythonRuntime, readers: SweepReaders) {
    this.#runtime = runtime;
    this.#layout = sweepLayoutOf(runtime.layout);
    this.#readers = readers;
  }

  /**
   * Looks at every thread once.
   * @throws {ProcessExitedError} when the process is gone
   */
  sweep(): void {
    if (this.#isListStale) this.#list();
    const quick = this.#switchesInRow < MOST_SWITCHES_IN_ROW ? this.#quickTracks() : undefined;
    if (quick !== undefined && this.#lookAt(quick) && !this.#hasSwitched()) {
      this.#switchesInRow = 0;
      return;
    }
    const before = this.#switchNumber;
    this.#lookAtAll();
    this.#switchesInRow = this.#switchNumber === before ? 0 : this.#switchesInRow + 1;
  }

  /** Looks at every thread once more in the place of the last sweep. */
  sweepAgain(): void {
    const { outcomes, listVersion } = this;
    const before = [...outcomes];
    this.sweep();
    if (this.listVersion !== listVersion) return;
    // A thread that has not run since then may have run since the sweep before.
    for (const [at, outcome] of before.entries()) if (outcomes[at] === 'still') outcomes[at] = outcome;
  }

  /** Says that the program may be another one now, as after execve(2): its threads are listed anew. */
  forget(): void {
    this.#isListStale = true;
  }

  /** The threads that must be read although no other has held the GIL; `undefined` when all must. */
  #quickTracks(): readonly number[] | undefined {
    const [interpreter, second] = this.interpreters;
    if (interpreter === undefined || second !== undefined || !interpreter.gil.isInUse) return undefined;
    if (Number.isNaN(this.#switchNumber)) return undefined;
    const { lastHolder } = interpreter.gil;
    const chosen: number[] = [];
    for (let at = 0; at < this.tracks.length; at += 1) {
      const track = this.tracks[at];
      if (track?.state === lastHolder || track?.isKnown === false) chosen.push(at);
    }
    return chosen;
  }

  #hasSwitched(): boolean {
    return this.interpreters[0]?.gil.switchNumber !== this.#switchNumber;
  }

  #lookAtAll(): void {
    const isWhole = this.#lookAt(this.tracks.map((_, at) => at));
    this.#switchNumber = this.interpreters[0]?.gil.switchNumber ?? Number.NaN;
    if (!isWhole || !this.#isListedRight()) this.#isListStale = true;
  }

  /** Reads some threads in one call; `false` when the interpreters themselves could not be read. */
  #lookAt(chosen: readonly number[]): boolean {
    const reader = this.#readers.sweep;
    reader.clear();
    for (const interpreter of this.interpreters) interpreter.plan(reader);
    const ofInterpreters = reader.plannedBytes;
    for (const at of chosen) this.tracks[at]?.plan(reader);
    const came = reader.fill();
    const isWhole = came === reader.plannedBytes;
    if (came < ofInterpreters) return false;
    for (const interpreter of this.interpreters) interpreter.read(reader.words);
    for (let at = 0; at < this.outcomes.length; at += 1) this.outcomes[at] = 'still';
    for (const at of chosen) {
      const track = this.tracks[at];
      if (track !== undefined) this.outcomes[at] = isWhole ? track.finish(reader) : track.look();
    }
    return true;
  }

  /** Whether the links between the thread states lead through exactly those that are known. */
  #isListedRight(): boolean {
    let at = 0;
    for (const interpreter of this.interpreters) {
      let expected = interpreter.threadsHead;
      for (; at < this.tracks.length && this.tracks[at]?.interpreter === interpreter.address; at += 1) {
        const track = this.tracks[at];
        if (track?.state !== expected || this.outcomes[at] === 'gone') return false;
        expected = track.next;
      }
      if (expected !== 0) return false;
    }
    return true;
  }

  /** Reads which interpreters and threads there are. What is followed already goes on being followed. */
  #list(): void {
    const { memory } = this.#readers;
    const known = new Map(this.tracks.map((track) => [track.state, track] as const));
    this.interpreters = readInterpreters(memory, this.#runtime, []).map(
      (state) => new InterpreterWatch(memory, this.#runtime, state),
    );
    this.tracks = this.interpreters.flatMap((interpreter) => this.#tracksOf(interpreter, known));
    this.outcomes = this.tracks.map(() => 'gone');
    this.#isListStale = false;
    this.#switchNumber = Number.NaN;
    this.listVersion += 1;
  }

  /** The threads of an interpreter; where the list changes under our eyes again and again, those that were known as well. */
  #tracksOf(interpreter: InterpreterWatch, known: ReadonlyMap<Address, ThreadTrack>): readonly ThreadTrack[] {
    const found = new Map<Address, ThreadTrack>();
    for (let look = 0; look < MOST_LOOKS_AT_LIST; look += 1) {
      const isWhole = this.#listThreads(interpreter, (listed) => {
        const before = found.get(listed.state) ?? known.get(listed.state);
        const isKnown = before?.isOf(listed) === true;
        found.set(
          listed.state,
          isKnown ? before : new ThreadTrack(listed, this.#layout, this.#readers.repairs),
        );
      });
      if (isWhole) return [...found.values()];
    }
    for (const track of known.values())
      if (track.interpreter === interpreter.address && !found.has(track.state)) found.set(track.state, track);
    return [...found.values()];
  }

  /** Follows the list of thread states; `false` when it led astray, as a thread that ended was taken out of it. */
  #listThreads(watch: InterpreterWatch, tell: (listed: ListedState) => void): boolean {
    const { repairs } = this.#readers;
    repairs.clear();
    watch.plan(repairs);
    if (repairs.fill() < repairs.plannedBytes) return false;
    watch.read(repairs.words);
    const { address: interpreter, threadsHead } = watch;
    const { from, sizeBytes, next, interpreter: owner, threadId, ownId } = this.#layout.state;
    let word = threadsHead;
    for (let count = 0; word !== 0; count += 1) {
      if (!isAddress(word) || word % WORD_BYTES !== 0 || count === MOST_THREADS) return false;
      repairs.clear();
      const at = repairs.plan(word + from, sizeBytes) - from;
      if (repairs.fill() < sizeBytes || wordAt(repairs.words, at + owner) !== interpreter) return false;
      tell({
        state: word,
        interpreter,
        threadId: wordAt(repairs.words, at + threadId),
        ownId: ownId < 0 ? 0 : wordAt(repairs.words, at + ownId),
      });
      word = wordAt(repairs.words, at + next);
    }
    return true;
  }
}
