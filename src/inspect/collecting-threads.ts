import { isAboutMemory } from '../base/errors.ts';
import type { Target } from '../target/target.ts';
import type { Pass, PassThread } from './pass.ts';

/** Who collects garbage: `undefined` where it cannot be told. */
export type CollectingThreads = ReadonlyMap<PassThread, boolean | undefined>;

/**
 * Finds the threads that collect garbage. CPython notes only that an interpreter does. The thread that does it holds the
 * GIL, unless a finalizer that it called has let go of it: so a thread inside of one may be it too.
 */
export function findCollectingThreads(target: Target, { threads }: Pass): CollectingThreads {
  const found = new Map<PassThread, boolean | undefined>();
  for (const interpreter of new Set(threads.map((thread) => thread.interpreter))) {
    const peers = threads.filter((thread) => thread.interpreter === interpreter);
    const isCollecting = interpreter.isCollectingGarbage;
    const collector = isCollecting === true ? onlyCandidate(target, peers) : undefined;
    for (const thread of peers) {
      if (isCollecting !== true) found.set(thread, isCollecting);
      else found.set(thread, collector === undefined ? undefined : thread === collector);
    }
  }
  return found;
}

function onlyCandidate(target: Target, peers: readonly PassThread[]): PassThread | undefined {
  if (peers.length === 1) return peers[0];
  const [candidate, ...others] = peers.filter(
    ({ interpreter, state, chain }) =>
      interpreter.gilHolder === state.address || hasFinalizer(target, chain.frames),
  );
  return others.length === 0 ? candidate : undefined;
}

function hasFinalizer({ codeObjects }: Target, frames: PassThread['chain']['frames']): boolean {
  return frames.some(({ code }) => {
    try {
      return code !== undefined && codeObjects.factsOf(code).name === '__del__';
    } catch (error) {
      if (isAboutMemory(error)) return false;
      throw error;
    }
  });
}
