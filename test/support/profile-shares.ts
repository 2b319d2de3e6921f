import type { Profile } from '../../src/api/index.ts';
import { samplesOf } from '../../src/api/index.ts';

/** A stack of a profile as it was seen: which thread, what was called, how often. */
export interface SeenStack {
  readonly thread: string;
  /** Its place among the threads. */
  readonly row: number;
  /** Outermost first. */
  readonly calls: readonly string[];
  readonly files: readonly string[];
  readonly kinds: readonly string[];
  readonly looks: number;
}

/** Takes the stacks of a profile apart, each as often as it was seen in a row. */
export function seenStacks({ samples, stacks, frames, threads }: Profile): readonly SeenStack[] {
  return [...samplesOf(samples)].map(({ stack, thread, looks }) => {
    const calls: string[] = [];
    const files: string[] = [];
    const kinds: string[] = [];
    for (let node = stack; node !== 0; node = stacks.parents[node] ?? 0) {
      const frame = frames[stacks.frames[node] ?? 0];
      calls.unshift(frame?.name ?? '?');
      files.unshift(frame?.file ?? '?');
      kinds.unshift(frame?.kind ?? '?');
    }
    return { thread: threads[thread]?.name ?? '?', row: thread, calls, files, kinds, looks };
  });
}

/** How many looks there were at stacks that are as wanted. */
export function countLooks(stacks: readonly SeenStack[], isWanted: (stack: SeenStack) => boolean): number {
  return stacks.filter(isWanted).reduce((sum, { looks }) => sum + looks, 0);
}

/** Whether one of these functions was called. */
export function isOf(...names: readonly string[]): (stack: SeenStack) => boolean {
  return ({ calls }) => calls.some((name) => names.includes(name));
}
