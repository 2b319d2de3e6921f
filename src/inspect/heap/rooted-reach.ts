import { HeapMemory } from '../../cpython/collector/heap-memory.ts';
import { HeapObjects } from '../../cpython/collector/heap-objects.ts';
import type { HeapWords } from '../../cpython/collector/heap-words.ts';
import { Reach, type ReachWatch } from '../../cpython/collector/reach.ts';
import { ObjectReader } from '../../cpython/objects/object-reader.ts';
import type { ChainRoot, HoldingChain } from '../../model/holding-chain.ts';
import type { ObjectsOf, Target } from '../../target/target.ts';
import { chainOf } from './holding-chains.ts';
import { interpreterRoots, moduleRoots, otherRoots, runningFrames } from './holding-roots.ts';

/** Goes from all roots of a target to what can be reached from them, and knows at which root a way begins. */
export class RootedReach {
  readonly #target: Target;
  /** What describes objects as they were when the heap was copied. */
  readonly #copied: ObjectsOf;
  readonly #reach: Reach;
  readonly #roots: ChainRoot[] = [];
  /** What is found from now on may hold less than it seems. */
  #isDoubtful = false;
  readonly heap: HeapObjects;

  constructor(target: Target, words: HeapWords, makeWatch: (rooted: RootedReach) => ReachWatch) {
    const objects = new ObjectReader(new HeapMemory(words), target.runtime.layout);
    this.#target = target;
    this.#copied = { objects };
    this.heap = new HeapObjects({ objects, words, writable: target.writableMemory() });
    const { onReached, onHeldAgain } = makeWatch(this);
    this.#reach = new Reach(this.heap, {
      onReached,
      onHeldAgain: (object, holder) => {
        if (!this.#isDoubtful) onHeldAgain?.(object, holder);
      },
    });
  }

  /** Names of modules say more than anything else, so that they go first. */
  run(): void {
    const frames = runningFrames(this.#target);
    for (const { frame } of frames) this.#reach.passOver(frame);
    for (const { root, words } of moduleRoots(this.#target)) this.#begin(root, words);
    this.#reach.step();
    for (const { root, words } of otherRoots(this.#target)) this.#begin(root, words);
    this.#reach.run();
    this.#isDoubtful = true;
    for (const { root, words } of [...interpreterRoots(this.#target), ...frames]) this.#begin(root, words);
    this.#reach.run();
  }

  /** Goes on from what no root leads to. */
  goOnFrom(root: ChainRoot, object: number): void {
    this.#begin(root, [object]);
    this.#reach.run();
  }

  has(object: number): boolean {
    return this.#reach.has(object);
  }

  /** Says of the way to what a holder has how each object of it is held. */
  chainTo(object: number, holder: number): HoldingChain {
    const way = this.#reach.wayTo(object, holder);
    return chainOf(this.#copied, way, this.#roots[way.root] ?? UNHELD);
  }

  #begin(root: ChainRoot, words: readonly number[]): void {
    if (this.#roots.at(-1) !== root) this.#roots.push(root);
    for (const word of words) this.#reach.begin(word, this.#roots.length - 1);
  }
}

/** The root of what no root leads to: C code holds it, or it is a ring that the collector has not freed yet. */
export const UNHELD: ChainRoot = { kind: 'unheld' };
