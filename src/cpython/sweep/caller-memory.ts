import type { WalkedFrames } from './walked-frames.ts';

/** So many frames are remembered of each thread, and of each stack the innermost ones. */
const MOST_CALLERS = 4096;
const MOST_PER_STACK = 64;

/** From where a frame was called when that was last seen. */
export interface RememberedCaller {
  readonly address: number;
  readonly code: number;
  /** That of the frame that it called. */
  readonly calledCode: number;
}

/**
 * From where the frames of a thread were called when that was last seen. A generator that was suspended, or what lay on the C stack between
 * two frames, leads nowhere any more some nanoseconds later: mostly it is called from where it was called before.
 */
export class CallerMemory {
  readonly #callers = new Map<number, RememberedCaller>();
  readonly #reused = new Set<number>();

  /** Takes in the calls of a walk that led to the outermost frame, but for those that are in doubt. */
  learn(frames: WalkedFrames): void {
    if (this.#callers.size > MOST_CALLERS) this.#forget();
    const { firstSure } = frames;
    const end = Math.min(frames.walked - 1, MOST_PER_STACK);
    for (let at = 0; at < end; at += 1) {
      const called = frames.walkedAddress(at);
      const calledCode = frames.walkedCode(at);
      const known = this.#callers.get(called);
      if (known !== undefined && known.calledCode !== calledCode) this.#reused.add(called);
      const address = frames.walkedAddress(at + 1);
      const code = frames.walkedCode(at + 1);
      const isKnown = known?.calledCode === calledCode && known.address === address && known.code === code;
      if (at >= firstSure && !isKnown) this.#callers.set(called, { address, code, calledCode });
    }
  }

  /** Notes that calls of different functions lie in a place. */
  noteReused(address: number): void {
    this.#reused.add(address);
  }

  /** Whether calls of different functions were seen to lie in a place. */
  isReused(address: number): boolean {
    return this.#reused.has(address);
  }

  /** From where one of the frames that a walk came over, counted from the innermost, was called, as far as is remembered. */
  callerOf(frames: WalkedFrames, at: number): RememberedCaller | undefined {
    const caller = this.#callers.get(frames.walkedAddress(at));
    return caller?.calledCode === frames.walkedCode(at) ? caller : undefined;
  }

  #forget(): void {
    this.#callers.clear();
    this.#reused.clear();
  }
}
