import type { Profile } from './profile.ts';
import { samplesOf } from './sample-table.ts';
import type { Weight } from './weighted-tree.ts';

/** Of each thread of a profile what was seen of each stack itself. */
export function weightsByThread({
  threads,
  samples,
}: Pick<Profile, 'threads' | 'samples'>): readonly ReadonlyMap<number, Weight>[] {
  const byThread = threads.map(() => new Map<number, { looks: number; ns: number }>());
  for (const { thread, stack, looks, weightNs } of samplesOf(samples)) {
    const weight = byThread[thread]?.get(stack) ?? { looks: 0, ns: 0 };
    weight.looks += looks;
    weight.ns += weightNs;
    byThread[thread]?.set(stack, weight);
  }
  return byThread;
}
