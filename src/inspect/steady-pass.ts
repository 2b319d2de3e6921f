import type { Address, AddressRange } from '../base/address.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import type { FrameChain } from '../cpython/frame-chain.ts';
import { readFrameChain } from '../cpython/frame-chain.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import {
  readThreadState,
  readThreadStates,
  type ThreadState,
  withoutUnborn,
} from '../cpython/thread-states.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import { readAsyncPass } from './async-pass.ts';
import { type Pass, type PassOptions, type PassThread, readPass, readThread } from './pass.ts';

/** How often what moves under our eyes is read again before it is shown as torn. */
const MOST_LOOKS = 8;
/**
 * A thread is believed when so many looks in a row were alike. Two may be so by chance: of one that calls and returns all
 * the time the innermost frame is often seen just after its return, when it leads nowhere (to 3.10).
 */
const ALIKE_LOOKS = 3;
const MOST_LOOKS_AT_THREAD = 16;

/**
 * Reads a target that goes on running. Its lists are read until nothing in them is out of place, and then each thread
 * until looks in a row show the same frames, which then stood there together. One that never holds still is shown
 * as it was last seen, and marked.
 */
export function readSteadyPass(target: Target, options: PassOptions): Pass {
  const pass = readWholePass(target, { ...options, withAsync: false });
  const steadily = { ...options, proven: new Set<Address>() };
  const threads = pass.threads.map((thread) => readSteadyThread(target, thread, steadily));
  const born = new Set(
    pass.interpreters.flatMap((interpreter) =>
      withoutUnborn(threads.filter((each) => each.interpreter === interpreter).map(({ state }) => state)),
    ),
  );
  const steady = { ...pass, threads: threads.filter(({ state }) => born.has(state)) };
  if (!options.withAsync) return steady;
  target.memory.clear();
  return { ...steady, asyncTasks: readAsyncPass(target, steady, options) };
}

/**
 * A list that changed while it was read leads astray, to something that is no thread of it or to an early end. So it is
 * read again until it stands still; when it never does, the pass that came furthest is taken.
 */
function readWholePass(target: Target, options: PassOptions): Pass {
  let best = readPass(target, options);
  let latest = best;
  for (let look = 1; look < MOST_LOOKS; look += 1) {
    target.memory.clear();
    if (latest.problems.length === 0 && hasSameThreads(target, latest)) return latest;
    latest = readPass(target, options);
    if (isFurther(latest, best)) best = latest;
  }
  return best;
}

function isFurther(a: Pass, b: Pass): boolean {
  if (a.problems.length !== b.problems.length) return a.problems.length < b.problems.length;
  return a.threads.length > b.threads.length;
}

/** Tells whether the lists of threads still are what they were: not only their heads, since memory is soon used again. */
function hasSameThreads({ memory, runtime }: Target, { threads }: Pass): boolean {
  const problems: Problem[] = [];
  const again = readInterpreters(memory, runtime, problems).flatMap((interpreter) =>
    readThreadStates(memory, runtime.layout, interpreter, problems),
  );
  if (problems.length > 0 || again.length !== threads.length) return false;
  return again.every(({ address }, at) => address === threads[at]?.state.address);
}

/** What is known of threads that were read before, which run much the same code. */
interface SteadyOptions extends PassOptions {
  /** Code that was the same in two moments between which a thread has run it: in threads that were read within them it was so too. */
  readonly proven: Set<Address>;
}

function readSteadyThread(target: Target, first: PassThread, options: SteadyOptions): PassThread {
  const { memory, runtime } = target;
  let seen = first;
  let alike = 1;
  for (let look = 1; look < MOST_LOOKS_AT_THREAD; look += 1) {
    memory.clear();
    // All that the last look went by is read anew in one system call: in the microseconds that it takes a stack can
    // hardly be taken down and built up again so that its parts fit.
    memory.prefetch(placesOf(target, seen));
    const state = readStateAgain(target, seen);
    if (state === undefined) return seen;
    const chain = readFrameChain(memory, runtime.layout, state.frame);
    const isAlike = state.threadId === seen.state.threadId && isSameChain(seen.chain, chain);
    if (!isAlike) seen = readThread(target, seen.interpreter, state, options);
    alike = isAlike ? alike + 1 : 1;
    if (alike < ALIKE_LOOKS) continue;
    if (hasSameCode(target, chain, options.proven)) return seen;
    alike = 1;
  }
  const message = `Cannot show thread ${seen.state.nativeThreadId ?? seen.state.address} in one piece: it moved during all of ${MOST_LOOKS_AT_THREAD} looks`;
  return { ...seen, problems: [...seen.problems, { kind: 'torn-thread', message }] };
}

/** Code that is made, run and freed without end comes to lie where other code was read a moment ago: frames are alike then, and names are not. */
function hasSameCode({ codeObjects }: Target, { frames }: FrameChain, proven: Set<Address>): boolean {
  return frames.every(({ code }) => {
    if (code === undefined || proven.has(code)) return true;
    const isProven = codeObjects.isStillThere(code);
    if (isProven) proven.add(code);
    return isProven;
  });
}

/** Where a thread's state and frames lie. */
function placesOf({ runtime }: Target, { state, chain }: PassThread): readonly AddressRange[] {
  const { threadState, frame: layout } = runtime.layout;
  return [
    { address: state.address, sizeBytes: threadState.sizeBytes },
    ...chain.frames.map(({ address }) => ({ address, sizeBytes: layout.sizeBytes })),
  ];
}

/** `undefined` when the thread has ended since and its state is no longer mapped. */
function readStateAgain({ memory, runtime }: Target, { state }: PassThread): ThreadState | undefined {
  return readIfSound(() => readThreadState(memory, runtime.layout, state.address));
}

function isSameChain(a: FrameChain, b: FrameChain): boolean {
  if (a.cutOff !== b.cutOff || a.frames.length !== b.frames.length) return false;
  return a.frames.every(
    (frame, at) => frame.address === b.frames[at]?.address && frame.code === b.frames[at]?.code,
  );
}
