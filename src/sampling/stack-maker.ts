import { NO_DOUBT, type WalkedFrames } from '../cpython/sweep/walked-frames.ts';
import { EMPTY_STACK, type StackTree } from '../profile/stack-tree.ts';
import { type Checked, type CodeBook, NO_FRAME } from './code-book.ts';

/** What {@link StackMaker.stackOf} answers for a thread whose code could not be read. */
export const NO_STACK = -1;

/** What it answers for a stack of which it is likely that it was never there. */
export const MIXED_STACK = -2;

const FIRST_DEPTH = 64;

/** Makes stacks of a profile of the frames of one thread: only those that are new since the last one are looked up. */
export class StackMaker {
  readonly #tree: StackTree;
  readonly #book: CodeBook;
  /** The nodes of the last stack, outermost first, as many as `#depth`. */
  #nodes = new Uint32Array(FIRST_DEPTH);
  #depth = 0;
  readonly #checked: Checked = { checkedNs: Number.NEGATIVE_INFINITY, generation: Number.NaN };

  constructor(tree: StackTree, book: CodeBook) {
    this.#tree = tree;
    this.#book = book;
  }

  /** The last stack that was made, for a thread that has not moved since. */
  get last(): number {
    return this.#depth === 0 ? EMPTY_STACK : (this.#nodes[this.#depth - 1] ?? EMPTY_STACK);
  }

  /** Whether the last stack is that of the frames as they were read last. */
  isCurrent({ depth, unchanged }: WalkedFrames): boolean {
    return unchanged === depth && this.#depth === depth;
  }

  /**
   * The stack of a thread as it was read last. Of a thread that moved meanwhile, and of calls that are in doubt, it is believed when each
   * function was seen to call the one above it: two moments mostly do not fit together.
   */
  stackOf(frames: WalkedFrames, isCertain: boolean): number {
    const isTrusted = this.#book.isTrusted(this.#checked);
    if (isTrusted && this.isCurrent(frames)) return this.last;
    const unchanged = Math.min(this.#depth, frames.unchanged);
    const alike = Math.min(unchanged, this.#book.check(frames, isTrusted ? unchanged : 0));
    if (!isTrusted) this.#book.stamp(this.#checked);
    const from = Math.max(0, alike - 1);
    const firstDoubt = frames.doubtful === NO_DOUBT ? frames.depth - 1 : frames.doubtful;
    const isLikely = this.#isLikely(frames, isCertain ? Math.max(from, firstDoubt) : from, firstDoubt);
    for (let at = from; at < firstDoubt; at += 1) this.#book.learnCall(frames, at);
    return isLikely ? this.#make(frames, alike) : MIXED_STACK;
  }

  /** Whether all calls from one on are known; those that are not in doubt may be of functions of which little is known. */
  #isLikely(frames: WalkedFrames, from: number, firstDoubt: number): boolean {
    for (let at = from; at < frames.depth - 1; at += 1) {
      const isNew = at < firstDoubt && this.#book.hasLearntLittle(frames, at);
      if (!isNew && !this.#book.hasLearnt(frames, at)) return false;
    }
    return true;
  }

  #make(frames: WalkedFrames, alike: number): number {
    const { depth } = frames;
    if (depth > this.#nodes.length) this.#grow(depth);
    this.#depth = alike;
    let node = this.last;
    for (let at = alike; at < depth; at += 1) {
      const frame = this.#book.frameOf(frames, at);
      if (frame === NO_FRAME) return NO_STACK;
      node = this.#tree.child(node, frame);
      this.#nodes[at] = node;
      this.#depth = at + 1;
    }
    this.#depth = depth;
    frames.unchanged = depth;
    return node;
  }

  #grow(depth: number): void {
    const larger = new Uint32Array(2 * depth);
    larger.set(this.#nodes);
    this.#nodes = larger;
  }
}
