import { type Address, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import { readInterpreters } from '../../cpython/interpreters.ts';
import { readThreadState } from '../../cpython/thread-states.ts';
import type { LiveTarget } from '../../target/live-target.ts';

/** What changes whenever the GIL changes hands, and while the one that holds it runs Python code. */
type GilMark = string;

/** Sees whether a GIL moves: whether a thread that waits for it is going to get it. */
export class GilMotion {
  readonly #target: LiveTarget;
  #mark: GilMark | undefined;
  #hasMoved = false;

  constructor(target: LiveTarget) {
    this.#target = target;
  }

  /** Looks once more; `true` as soon as it was seen free, in other hands, or with one that runs Python. */
  look(): boolean {
    if (this.#hasMoved) return true;
    const mark = readMark(this.#target);
    this.#hasMoved = mark === 'free' || (this.#mark !== undefined && mark !== this.#mark);
    this.#mark = mark;
    return this.#hasMoved;
  }
}

function readMark(target: LiveTarget): GilMark {
  const { changingMemory, runtime } = target;
  const holder = readInterpreters(changingMemory, runtime, []).find(({ facts }) => facts.isMain)?.gilHolder;
  return holder === undefined ? 'free' : `${holder} ${placeOf(target, holder)}`;
}

/** Which instruction of which frame a thread runs. */
function placeOf({ changingMemory, runtime }: LiveTarget, holder: Address): string {
  try {
    const { frame } = readThreadState(changingMemory, runtime.layout, holder);
    if (frame === undefined) return 'no frame';
    const at = offsetBy(frame, runtime.layout.frame.lastInstruction);
    return `${frame} ${Buffer.from(changingMemory.read(at, 8)).toString('hex')}`;
  } catch (error) {
    if (isAboutMemory(error)) return 'unreadable';
    throw error;
  }
}
