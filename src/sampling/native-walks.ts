import { isAboutEnd } from '../base/errors.ts';
import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { NativeStacks, UnwoundStack } from '../target/native/native-stacks.ts';
import type { StackCopier, StackCopies } from '../target/native/stack-copies.ts';
import { monotonicNs } from '../target/sampling-host.ts';
import type { ThreadPause, ThreadRegisters } from '../target/target.ts';

/** So often is it looked up which files are mapped, which a program changes when it loads a library. */
const LOOK_AT_FILES_NS = 250_000_000;
/** The same when there is code of which no file is known: it may be that of a library that has just been loaded. */
const LOOK_FOR_CODE_NS = 10_000_000;
/** Looking up the files of a large process takes milliseconds: it takes no more than this part of the time. */
const LEAST_PAUSES_BETWEEN = 100;

/** Threads that stand still until we let them go. */
type StoppedThreads = Pick<ThreadPause, 'threadIds' | 'registersOf'>;

/** A thread that stands still by itself. */
export interface SleepingThread {
  readonly threadId: number;
  /** What stays as it is as long as the thread does not run; `undefined` where nothing tells. */
  readonly mark: string | undefined;
  isStillAsleep(): boolean;
}

/** Copies the native stacks of the threads of one process and unwinds the copies, from sweep to sweep. */
export class NativeWalks {
  readonly #target: LiveTarget;
  readonly #stacks: NativeStacks;
  #copier: StackCopier;
  #lookedAtNs = monotonicNs();
  #lookTookNs = 0;
  /** By thread, those of this sweep. */
  readonly #walks = new Map<number, UnwoundStack>();
  #threads: ReadonlyMap<number, readonly ThreadTrack[]> = new Map();
  /** By thread, what was copied in this sweep and is to be unwound. */
  readonly #taken = new Map<number, { readonly mark: string | undefined; readonly copies: StackCopies }>();
  /** By thread, those of threads that slept, with a mark that stays as long as they do. */
  readonly #asleep = new Map<number, { readonly mark: string; readonly walk: UnwoundStack }>();

  constructor(target: LiveTarget, stacks: NativeStacks) {
    this.#target = target;
    this.#stacks = stacks;
    this.#copier = target.stackCopier();
  }

  beginLook(): void {
    this.#taken.clear();
    this.#walks.clear();
  }

  /**
   * Takes the stack of a thread that has not run since that was last unwound; `false` when it is not known.
   * @param mark what stays as it is as long as the thread does not run; `undefined` where nothing tells
   */
  takeKnown(threadId: number, mark: string | undefined): boolean {
    const known = this.#asleep.get(threadId);
    if (mark === undefined || known?.mark !== mark) return false;
    this.#walks.set(threadId, known.walk);
    return true;
  }

  /**
   * Copies the stacks of threads that stand still and of threads that sleep, in one go.
   * @returns those that slept and have run meanwhile, so that they are not known
   */
  take(stopped: StoppedThreads, asleep: readonly SleepingThread[]): readonly number[] {
    const registers = new Map<number, ThreadRegisters>();
    const add = (id: number, found: ThreadRegisters | undefined): void => {
      if (found !== undefined) registers.set(id, found);
    };
    for (const id of stopped.threadIds) add(id, stopped.registersOf(id));
    for (const { threadId } of asleep) add(threadId, this.#registersOf(threadId));
    const copies = this.#copier.copyFrom(registers);
    const hasRun = (thread: SleepingThread): boolean =>
      !registers.has(thread.threadId) || !thread.isStillAsleep();
    const woken = new Set(asleep.filter(hasRun).map(({ threadId }) => threadId));
    const marks = new Map(asleep.map(({ threadId, mark }) => [threadId, mark]));
    for (const id of registers.keys())
      if (!woken.has(id)) this.#taken.set(id, { copies, mark: marks.get(id) });
    return [...woken];
  }

  /** The native calls of a thread, without names; `undefined` when they were not copied in this sweep. */
  of(threadId: number): UnwoundStack | undefined {
    const known = this.#walks.get(threadId);
    const taken = this.#taken.get(threadId);
    if (known !== undefined || taken === undefined) return known;
    const walk = this.#walk(taken.copies, threadId);
    if (walk === undefined) return undefined;
    this.#walks.set(threadId, walk);
    if (taken.mark !== undefined) this.#asleep.set(threadId, { mark: taken.mark, walk });
    return walk;
  }

  /** Takes up which threads there are, by their ids. */
  update(threads: ReadonlyMap<number, readonly ThreadTrack[]>): void {
    this.#threads = threads;
    for (const id of this.#asleep.keys()) if (!threads.has(id)) this.#asleep.delete(id);
  }

  /** Of a thread that is not stopped the kernel tells two registers, and the C library a third. */
  #registersOf(threadId: number): ThreadRegisters | undefined {
    const found = this.#target.readSleepingRegisters(threadId);
    const [state] = this.#threads.get(threadId) ?? [];
    return found && { ...found, threadPointer: state && BigInt(state.threadId) };
  }

  #walk(copies: StackCopies, threadId: number): UnwoundStack | undefined {
    this.#lookAtFiles(LOOK_AT_FILES_NS);
    const walk = this.#stacks.walk(copies, threadId);
    const isKnown = walk?.frames.every((frame) => this.#stacks.placeOf(frame).module !== undefined);
    return isKnown === false && this.#lookAtFiles(LOOK_FOR_CODE_NS)
      ? this.#stacks.walk(copies, threadId)
      : walk;
  }

  /** Looks up which files are mapped by now; `false` when that was done a moment ago. */
  #lookAtFiles(everyNs: number): boolean {
    const beganNs = monotonicNs();
    if (beganNs - this.#lookedAtNs < Math.max(everyNs, LEAST_PAUSES_BETWEEN * this.#lookTookNs)) return false;
    try {
      this.#stacks.refresh();
      this.#copier = this.#target.stackCopier();
    } catch (error) {
      // The next sweep finds out that it has ended.
      if (!isAboutEnd(error)) throw error;
    }
    this.#lookedAtNs = monotonicNs();
    this.#lookTookNs = this.#lookedAtNs - beganNs;
    return true;
  }
}
