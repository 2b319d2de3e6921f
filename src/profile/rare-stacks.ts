import type { Profile } from './profile.ts';
import { EMPTY_STACK } from './stack-tree.ts';
import { WeightedTree } from './weighted-tree.ts';

/** Counts what was seen fewer times than that with its callers, so that the tree of stacks has an end. */
export function withoutRareStacks(profile: Profile, leastLooks: number): Profile {
  const { count, parents, frames } = profile.stacks;
  const tree = new WeightedTree(profile);
  const places = new Uint32Array(count);
  const kept: number[] = [EMPTY_STACK];
  for (let stack = EMPTY_STACK + 1; stack < count; stack += 1) {
    const parent = places[parents[stack] ?? EMPTY_STACK] ?? EMPTY_STACK;
    const isKept = tree.total(stack).looks >= leastLooks;
    places[stack] = isKept ? kept.length : parent;
    if (isKept) kept.push(stack);
  }
  return {
    ...profile,
    stacks: {
      count: kept.length,
      parents: Uint32Array.from(kept, (stack) => places[parents[stack] ?? EMPTY_STACK] ?? EMPTY_STACK),
      frames: Uint32Array.from(kept, (stack) => frames[stack] ?? 0),
    },
    samples: profile.samples.map((block) => ({
      ...block,
      stacks: block.stacks.map((stack) => places[stack] ?? EMPTY_STACK),
    })),
  };
}

/** Counts what was seen seldom with its callers until no more than so many different stacks are left. */
export function withFewerStacks(profile: Profile, most: number): Profile {
  let fewer = profile;
  for (let leastLooks = 2; seenCount(fewer) > most; leastLooks *= 2)
    fewer = withoutRareStacks(profile, leastLooks);
  return fewer;
}

function seenCount(profile: Profile): number {
  return [...new WeightedTree(profile).seen()].length;
}
