import type { LookOutcome, ThreadTrack } from '../cpython/sweep/thread-track.ts';
import type { StackTree } from '../profile/stack-tree.ts';
import type { CodeBook } from './code-book.ts';
import type { SampledTasks } from './sampled-tasks.ts';
import { MIXED_STACK, NO_STACK, StackMaker } from './stack-maker.ts';

/** Makes the Python stacks of the threads of one process, by thread or by task. */
export class PythonStacks {
  readonly #tree: StackTree;
  readonly #book: CodeBook;
  readonly #tasks: SampledTasks | undefined;
  readonly #makers = new Map<ThreadTrack, StackMaker>();

  /** @param tasks `undefined` where stacks are wanted by thread */
  constructor(tree: StackTree, book: CodeBook, tasks: SampledTasks | undefined) {
    this.#tree = tree;
    this.#book = book;
    this.#tasks = tasks;
  }

  /** The stack of a thread that was looked at; {@link NO_STACK} or {@link MIXED_STACK} where there is none. */
  stackOf(track: ThreadTrack, outcome: LookOutcome): number {
    const plain = this.#plainStackOf(track, outcome);
    if (this.#tasks === undefined || plain === NO_STACK || plain === MIXED_STACK) return plain;
    return this.#tasks.stackOf(track, plain, outcome === 'still');
  }

  /** How many calls of the last stack of a thread are its own, the others being those of tasks that wait. */
  ownCallsOf(track: ThreadTrack): number {
    return this.#tasks?.ownCallsOf(track) ?? track.frames.depth;
  }

  /** Forgets the threads that have ended. */
  keepOnly(tracks: { has(track: ThreadTrack): boolean }): void {
    for (const track of this.#makers.keys()) if (!tracks.has(track)) this.#makers.delete(track);
  }

  #plainStackOf(track: ThreadTrack, outcome: LookOutcome): number {
    const maker = this.#makerOf(track);
    if (outcome === 'still' && maker.isCurrent(track.frames)) return maker.last;
    return outcome === 'torn' ? MIXED_STACK : maker.stackOf(track.frames, track.isCertain);
  }

  #makerOf(track: ThreadTrack): StackMaker {
    const known = this.#makers.get(track);
    if (known !== undefined) return known;
    const maker = new StackMaker(this.#tree, this.#book);
    this.#makers.set(track, maker);
    return maker;
  }
}
