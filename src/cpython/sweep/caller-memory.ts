import type { WalkedFrames } from './walked-frames.ts';

/** So many frames are remembered of each thread, and of each stack the innermost ones. */
const MOST_CALLERS = 4096;
const MOST_PER_STACK = 64;

/** What {@link CallerMemory} has for the code of a place in which several functions were seen. */
const SEVERAL = 0;
/** Of code and address of a frame one key is made: so many times an address of 47 bits and another one are an exact number still. */
const CODE_FACTOR = 31;

/** From where a frame was called when that was last seen. */
export interface RememberedCaller {
  readonly address: number;
  readonly code: number;
  /** At which instruction that was. */
  instruction: number;
  /** The frame that it called. */
  readonly called: number;
  readonly calledCode: number;
}

/**
 * From where the frames of a thread were called when that was last seen. A generator that was suspended, or what lay on the C stack between
 * two frames, leads nowhere any more some nanoseconds later: mostly it is called from where it was called before.
 */
export class CallerMemory {
  readonly #callers = new Map<number, RememberedCaller>();
  /** The code that was seen in each place, or {@link SEVERAL}. */
  readonly #codes = new Map<number, number>();

  /** Takes in the calls of a walk that led to the outermost frame, but for those that are in doubt. */
  learn(frames: WalkedFrames): void {
    if (Math.max(this.#callers.size, this.#codes.size) > MOST_CALLERS) this.#forget();
    const { walked, firstSure } = frames;
    const end = Math.min(walked - 1, MOST_PER_STACK);
    for (let at = 0; at < end; at += 1) {
      const called = frames.walkedAddress(at);
      const calledCode = frames.walkedCode(at);
      this.#noteCode(called, calledCode);
      if (at < firstSure) continue;
      const address = frames.walkedAddress(at + 1);
      const code = frames.walkedCode(at + 1);
      const instruction = frames.walkedInstruction(at + 1);
      const known = this.callerOf(called, calledCode);
      if (known?.address === address && known.code === code) known.instruction = instruction;
      else this.#callers.set(keyOf(called, calledCode), { address, code, instruction, called, calledCode });
    }
  }

  /** Notes that calls of different functions lie in a place. */
  noteReused(address: number): void {
    this.#codes.set(address, SEVERAL);
  }

  /** Whether calls of different functions were seen to lie in a place. */
  isReused(address: number): boolean {
    return this.#codes.get(address) === SEVERAL;
  }

  /** From where the frame at an address was called when it ran a code, as far as is remembered. */
  callerOf(address: number, code: number): RememberedCaller | undefined {
    const caller = this.#callers.get(keyOf(address, code));
    return caller?.called === address && caller.calledCode === code ? caller : undefined;
  }

  #noteCode(address: number, code: number): void {
    const known = this.#codes.get(address);
    if (known === code || known === SEVERAL) return;
    this.#codes.set(address, known === undefined ? code : SEVERAL);
  }

  #forget(): void {
    this.#callers.clear();
    this.#codes.clear();
  }
}

function keyOf(address: number, code: number): number {
  return CODE_FACTOR * code + address;
}
