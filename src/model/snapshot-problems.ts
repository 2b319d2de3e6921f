import type { Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';

/** Whether a problem of a kind means that a stack, or a part of one, is missing from the snapshot. */
const LOSES_STACKS: Readonly<Record<Problem['kind'], boolean>> = {
  'cut-off': true,
  'cut-off-native': true,
  'file-mismatch': false,
  'incomplete-core': false,
  'interpreter-finalizing': false,
  'no-thread-id': false,
  'other-python': true,
  'replaced-module': false,
  'stripped-module': false,
  'torn-heap': true,
  'torn-thread': true,
  'unreadable-frame': true,
  'unreadable-interpreter': true,
  'unreadable-object': false,
  'unreadable-thread': true,
};

/** Collects the problems of a snapshot and of its threads, each once. */
export function problemsOf(snapshot: Snapshot): readonly Problem[] {
  const problems = [...snapshot.problems, ...snapshot.threads.flatMap((thread) => thread.problems)];
  const byText = new Map(
    problems.map((problem) => [`${problem.kind} ${problem.osThreadId} ${problem.message}`, problem]),
  );
  return [...byText.values()];
}

/** Tells whether every stack of the process is in the snapshot, whole. */
export function isComplete(snapshot: Snapshot): boolean {
  return !problemsOf(snapshot).some(({ kind }) => LOSES_STACKS[kind]);
}
