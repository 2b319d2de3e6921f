import { type Address, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import { readInterpreters } from '../../cpython/interpreters.ts';
import { readThreadState } from '../../cpython/thread-states.ts';
import { HeldThread } from '../../platform/held-thread.ts';
import { readThreadSyscall } from '../../platform/thread-files.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import type { InjectionRun } from './injection-run.ts';

/** Who holds a GIL, and which instruction of which frame it runs. */
interface GilMark {
  readonly holder: Address;
  readonly place: string;
}

/** How often the holder is stopped to see which code it runs. */
const MOST_STOPS = 5;

/**
 * Sees whether a GIL moves, so that a thread that waits for it is going to get it. It does when it changes hands, when the
 * holder goes from instruction to instruction, and when it runs the code of the evaluation loop itself: a loop of one
 * instruction stands at the same place for ever, and yet gives the GIL up at each jump back if another thread wants it.
 */
export class GilMotion {
  readonly #run: InjectionRun;
  #mark: GilMark | undefined;
  #stops = 0;
  #hasMoved = false;

  constructor(run: InjectionRun) {
    this.#run = run;
  }

  /** Looks once more; `true` as soon as it was seen free, in other hands, or with one that runs Python. */
  look(): boolean {
    if (this.#hasMoved) return true;
    const before = this.#mark;
    const mark = readMark(this.#run.target);
    this.#mark = mark;
    this.#hasMoved = mark === undefined || (before !== undefined && this.#isMotion(before, mark));
    return this.#hasMoved;
  }

  #isMotion(before: GilMark, now: GilMark): boolean {
    if (now.holder !== before.holder || now.place !== before.place) return true;
    this.#stops += 1;
    return this.#stops <= MOST_STOPS && isEvaluating(this.#run, now.holder);
  }
}

/** `undefined` while the GIL is free. */
function readMark(target: LiveTarget): GilMark | undefined {
  const { changingMemory, runtime } = target;
  const holder = readInterpreters(changingMemory, runtime, []).find(({ facts }) => facts.isMain)?.gilHolder;
  return holder === undefined ? undefined : { holder, place: placeOf(target, holder) };
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

/** Tells whether a thread is in the evaluation loop, rather than in C code that was called from there. */
function isEvaluating(run: InjectionRun, state: Address): boolean {
  const thread = run.look().threads.find((each) => each.state === state);
  // One that sleeps in the kernel is in C code, and is not to be disturbed in it.
  if (thread === undefined || readThreadSyscall(run.pid, thread.id)?.kind === 'inside') return false;
  using held = HeldThread.hold(run.pid, thread.id);
  if (held?.point === undefined) return false;
  const at = Number(held.point.instructionPointer);
  return run.evaluationLoop.some(({ address, sizeBytes }) => address <= at && at < address + sizeBytes);
}
