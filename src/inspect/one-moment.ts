import type { AddressRange } from '../base/address.ts';
import type { LiveTarget } from '../target/live-target.ts';

/** An answer, and how long the target stood still for it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  /** `undefined` when it was not stopped. */
  readonly pauseNs: bigint | undefined;
}

/** How often memory is copied that lay elsewhere than a moment before, until the question is asked while all stands still. */
const MOST_COPIES = 3;

/**
 * Asks a question of the memory of a target as it is at one moment. First while it runs, which tells what memory is
 * wanted; then that is copied while it stands still, and the question is asked of the copy.
 */
export function askOfOneMoment<Answer>(target: LiveTarget, question: () => Answer): Answered<Answer> {
  const { memory, objects } = target;
  let pages: readonly AddressRange[] = rehearse(target, question);
  let pauseNs = 0n;
  for (let copies = 1; copies <= MOST_COPIES; copies += 1) {
    forget(target);
    target.reserve(pages);
    const pause = target.pause();
    try {
      memory.prefetch(pages);
    } finally {
      pause.resume();
    }
    pauseNs += pause.pausedForNs;
    // An answer may be nothing.
    const answered = memory.askKept(() => ({ answer: question() }));
    if (answered !== undefined) return { ...answered, pauseNs };
    pages = [...pages, ...memory.missedPages()];
    objects.forget();
  }
  forget(target);
  const pause = target.pause();
  try {
    const answer = question();
    pause.resume();
    return { answer, pauseNs: pauseNs + pause.pausedForNs };
  } finally {
    pause.resume();
  }
}

/** What it says now does not count, not even that it fails. */
function rehearse(target: LiveTarget, question: () => unknown): readonly AddressRange[] {
  forget(target);
  try {
    question();
  } catch {
    // It is asked again of one moment, and what it says then counts.
  }
  return target.memory.touchedPages();
}

/** Forgets what was read, so that the next question sees the target as it is then. */
export function forget({ memory, objects }: LiveTarget): void {
  memory.clear();
  objects.forget();
}
