import type { AddressRange } from '../../base/address.ts';
import type { HeapWords } from '../../cpython/collector/heap-words.ts';
import { readInterpreters } from '../../cpython/interpreters.ts';
import type { Problem } from '../../model/problem.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import type { Target } from '../../target/target.ts';
import { forget } from '../one-moment.ts';

/** What was found in a heap. */
export interface HeapAnswer {
  /** How long the process stood still; `undefined` when it did not. */
  readonly pauseNs: bigint | undefined;
  readonly problems: readonly Problem[];
}

/** How a heap is asked. */
export interface HeapQuestion<Answer extends HeapAnswer> {
  readonly words: HeapWords;
  /** Stop the target's threads while its heap is copied (the default). */
  readonly pause: boolean | undefined;
  /** Looks through the heap, which moves when it is not a copy. */
  readonly read: (isMoving: boolean) => Answer;
}

/** A heap of this size is copied in about 50 ms; for a larger one the target is not stopped. */
const MOST_PAUSED_BYTES = 128 << 20;
const TOO_LARGE: Problem = {
  kind: 'torn-heap',
  message: `The process was not stopped, since its heap is larger than ${MOST_PAUSED_BYTES >> 20} MiB: what was made or freed meanwhile may be missing or counted`,
};
/** How often the target is stopped again when its heap moved meanwhile, or its collector was at work. */
const MOST_PAUSES = 4;

/**
 * Asks a question of the heap of a process at one moment. It is read while the process runs which memory is wanted; that is
 * copied while it stands still, and the question is asked of the copy. A large heap is only asked while the process runs.
 */
export function askOfHeap<Answer extends HeapAnswer>(
  target: LiveTarget,
  { words, pause, read }: HeapQuestion<Answer>,
): Answer {
  forget(target);
  const moving = read(true);
  if (pause === false) return moving;
  if (!words.isWhole || words.sizeBytes > MOST_PAUSED_BYTES) return withProblem(moving, TOO_LARGE);
  let best: Answer | undefined;
  let pauseNs = 0n;
  for (let pauses = 1; pauses <= MOST_PAUSES; pauses += 1) {
    pauseNs += copyHeap(target, words);
    const answer = read(false);
    if (best === undefined || answer.problems.length <= best.problems.length) best = answer;
    if (answer.problems.length === 0 && words.readCount === 0) break;
  }
  return { ...(best ?? moving), pauseNs };
}

/** Says that objects are missed which the collector has taken out of its lists, when that is so. */
export function collectionProblems({ memory, runtime }: Target): readonly Problem[] {
  const isCollecting = readInterpreters(memory, runtime, []).some(
    ({ isCollectingGarbage }) => isCollectingGarbage === true,
  );
  const message =
    'The garbage collector is at work: objects that it is about to free are in none of its lists';
  return isCollecting ? [{ kind: 'torn-heap', message }] : [];
}

/** Says that lists could not be followed to their ends, when that is so. */
export function brokenListProblems(walk: {
  readonly count: number;
  readonly brokenCount: number;
}): readonly Problem[] {
  const message = `The lists of the garbage collector could not be followed to their ends, after ${walk.count} objects`;
  return walk.brokenCount === 0 ? [] : [{ kind: 'torn-heap', message }];
}

function copyHeap(target: LiveTarget, words: HeapWords): bigint {
  const pages: readonly AddressRange[] = target.memory.touchedPages();
  const { ranges } = words;
  forget(target);
  target.reserve([...ranges, ...pages]);
  const pause = target.pause();
  try {
    words.load(ranges);
    target.memory.prefetch(pages);
  } finally {
    pause.resume();
  }
  return pause.pausedForNs;
}

function withProblem<Answer extends HeapAnswer>(answer: Answer, problem: Problem): Answer {
  return { ...answer, problems: [...answer.problems, problem] };
}
