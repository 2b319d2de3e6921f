import { type Address, offsetBy, toAddress } from '../base/address.ts';
import type { Memory } from '../base/ports.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { type AsyncioModules, findAsyncioModules } from '../cpython/asyncio/asyncio-modules.ts';
import { readRunningTasks } from '../cpython/asyncio/running-tasks.ts';
import { runningLoopOf } from '../cpython/asyncio/task-lists.ts';
import { readStruct } from '../cpython/objects/foreign-struct.ts';
import type { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import { TwiceRead } from '../cpython/sweep/twice-read.ts';
import { MIXED_STACK } from './stack-maker.ts';
import { type KnownPath, type TaskPathParts, TaskPaths } from './task-paths.ts';

/** What stacks by task are made with. */
export interface TaskStackParts extends TaskPathParts {
  /** The memory as it is at each moment. */
  readonly live: Memory;
}

/** A program imports asyncio at some time, and where it has its tasks then stays. */
const LOOKED_FOR_NS = 100_000_000;

interface Companion {
  readonly running: TwiceRead<readonly Address[]>;
  /** What came of the last look. */
  plain: number;
  stack: number;
  /** How many calls of the thread are those of the task that runs; `undefined` where none does. */
  own: number | undefined;
}

/**
 * Makes of the stack of a thread that runs a task that of the task: below it those that wait for it. Which task that is, is read in
 * the moment of the look; that the thread's calls are its own is seen by the frame of its coroutine, which is among theirs.
 */
export class TaskStacks {
  readonly paths: TaskPaths;
  readonly #parts: TaskStackParts;
  readonly #modules = new Map<Address, AsyncioModules>();
  readonly #companions = new Map<ThreadTrack, Companion>();
  /** Whether stacks have calls of a coroutine. */
  readonly #haveCoroutines = new Map<number, boolean>();
  #lookedForNs = Number.NEGATIVE_INFINITY;
  #listVersion = 0;

  constructor(parts: TaskStackParts) {
    this.#parts = parts;
    this.paths = new TaskPaths(parts);
  }

  /** Where an interpreter has its tasks; `undefined` as long as it has not imported asyncio. */
  modulesOf(interpreter: Address): AsyncioModules | undefined {
    return this.#modules.get(interpreter);
  }

  /** Says that a sweep has begun, whose threads may be others than before. */
  beginSweep(sweep: ProcessSweep, nowNs: number): void {
    this.paths.beginSweep(nowNs);
    const isNew = sweep.listVersion !== this.#listVersion;
    if (isNew) this.#forgetEnded(sweep);
    this.#listVersion = sweep.listVersion;
    const unknown = sweep.interpreters.filter(({ address }) => !this.#modules.has(address));
    if (unknown.length > 0 && nowNs - this.#lookedForNs >= LOOKED_FOR_NS) {
      this.#lookedForNs = nowNs;
      for (const { address } of unknown) this.#findModules(address);
    }
    for (const track of sweep.tracks) if (!this.#companions.has(track)) this.#accompany(track);
    if (this.#haveCoroutines.size > MOST_REMEMBERED) this.#haveCoroutines.clear();
  }

  /**
   * The stack by task of a thread whose own stack is `plain`, which is the answer too where no task runs;
   * {@link MIXED_STACK} where the task that runs is another by now.
   */
  stackOf(track: ThreadTrack, plain: number, isStill: boolean): number {
    const companion = this.#companions.get(track);
    if (companion === undefined) return plain;
    if (isStill && companion.plain === plain) return companion.stack;
    const stack = this.#find(track, companion, plain);
    companion.plain = stack === MIXED_STACK ? NEVER : plain;
    companion.stack = stack;
    return stack;
  }

  /** How many calls of the last stack of a thread are those of the task that runs; `undefined` where none does. */
  ownCallsOf(track: ThreadTrack): number | undefined {
    return this.#companions.get(track)?.own;
  }

  #find(track: ThreadTrack, companion: Companion, plain: number): number {
    const { running } = companion;
    companion.own = undefined;
    const paths = new Map<number, KnownPath>();
    for (const task of new Set(running.answers.flat())) {
      const path = this.paths.find(task);
      if (path?.coroutineFrame !== undefined) paths.set(path.coroutineFrame, path);
    }
    const { frames } = track;
    for (let at = frames.depth - 1; at >= 0 && paths.size > 0; at -= 1) {
      const path = paths.get(frames.addressAt(at));
      if (path === undefined) continue;
      companion.own = frames.depth - at;
      return this.#graft(path.root, plain, companion.own);
    }
    return this.#mayRunTask(track, plain) ? MIXED_STACK : plain;
  }

  /** Puts the innermost calls of a stack on another one. */
  #graft(root: number, plain: number, count: number): number {
    const { stacks } = this.#parts;
    const frames: number[] = [];
    for (let node = plain; frames.length < count; node = stacks.parentOf(node))
      frames.push(stacks.frameOf(node));
    let stack = root;
    for (const frame of frames.reverse()) stack = stacks.child(stack, frame);
    return stack;
  }

  /** Whether a thread has calls of a coroutine, and a loop that runs: then a task made them. */
  #mayRunTask(track: ThreadTrack, plain: number): boolean {
    let hasCoroutine = this.#haveCoroutines.get(plain);
    if (hasCoroutine === undefined) {
      hasCoroutine = this.#hasCoroutine(track);
      this.#haveCoroutines.set(plain, hasCoroutine);
    }
    return hasCoroutine && this.#hasLoop(track);
  }

  #hasCoroutine({ frames }: ThreadTrack): boolean {
    for (let at = 0; at < frames.depth; at += 1)
      if (this.#isCoroutine(toAddress(frames.codes[at] ?? 0))) return true;
    return false;
  }

  #isCoroutine(code: Address): boolean {
    const { live, objects } = this.#parts;
    const { flags } = objects.layout.code;
    return (
      readIfSound(() => (readStruct(live, offsetBy(code, flags), 4, 'co_flags').u32(0) & COROUTINE) !== 0) ??
      false
    );
  }

  #hasLoop({ interpreter, state }: ThreadTrack): boolean {
    const { objects, pages } = this.#parts;
    const published = this.#modules.get(interpreter)?.lists?.threadRunningLoop;
    pages.clear();
    return readIfSound(() => runningLoopOf(objects, state, published)) !== undefined;
  }

  #findModules(interpreter: Address): void {
    const { objects, pages } = this.#parts;
    pages.clear();
    const modules = readIfSound(() => findAsyncioModules(objects, interpreter));
    if (modules !== undefined) this.#modules.set(interpreter, modules);
  }

  #accompany(track: ThreadTrack): void {
    const modules = this.#modules.get(track.interpreter);
    if (modules === undefined) return;
    const { live, objects } = this.#parts;
    const { layout } = objects;
    const running = new TwiceRead(live, (memory) =>
      readRunningTasks({ memory, layout }, modules, track.state),
    );
    track.companion = running;
    this.#companions.set(track, { running, plain: NEVER, stack: NEVER, own: undefined });
  }

  #forgetEnded({ tracks }: ProcessSweep): void {
    const present = new Set(tracks);
    for (const track of this.#companions.keys()) if (!present.has(track)) this.#companions.delete(track);
  }
}

/** No stack. */
const NEVER = -1;
const MOST_REMEMBERED = 20_000;
/** `CO_COROUTINE`, `CO_ITERABLE_COROUTINE` (cpython/Include/code.h, 3.6 to 3.15). */
const COROUTINE = 0x80 | 0x100;
