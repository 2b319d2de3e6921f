import type { FrameChain } from '../cpython/frame-chain.ts';
import { readFrameChain } from '../cpython/frame-chain.ts';
import { readCurrentFrame } from '../cpython/thread-states.ts';
import type { Target } from '../target/target.ts';
import { type Pass, type PassOptions, type PassThread, readPass, readThread } from './pass.ts';

/** How often a thread that moves under our eyes is read again before it is shown as torn. */
const MOST_LOOKS = 8;

/**
 * Reads a target that goes on running: each thread is looked at until two looks in a row show the same frames, which
 * then stood there together. One that never holds still is shown as it was last seen, and marked.
 */
export function readSteadyPass(target: Target, options: PassOptions): Pass {
  const pass = readPass(target, options);
  return { ...pass, threads: pass.threads.map((thread) => readSteadyThread(target, thread, options)) };
}

function readSteadyThread(target: Target, first: PassThread, options: PassOptions): PassThread {
  let seen = first;
  for (let look = 1; look < MOST_LOOKS; look += 1) {
    target.memory.clear();
    const frame = readCurrentFrame(target.memory, target.runtime.layout, seen.state.address);
    const chain = readFrameChain(target.memory, target.runtime.layout, frame);
    if (isSameChain(seen.chain, chain)) return seen;
    seen = readThread(target, seen.interpreter, { ...seen.state, frame }, options);
  }
  const message = `Cannot show thread ${seen.state.nativeThreadId ?? seen.state.address} in one piece: it moved during all of ${MOST_LOOKS} looks`;
  return { ...seen, problems: [...seen.problems, { kind: 'torn-thread', message }] };
}

function isSameChain(a: FrameChain, b: FrameChain): boolean {
  if (a.cutOff !== b.cutOff || a.frames.length !== b.frames.length) return false;
  return a.frames.every(
    (frame, at) => frame.address === b.frames[at]?.address && frame.code === b.frames[at]?.code,
  );
}
