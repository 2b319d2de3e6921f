import { FrameTable } from './frame-table.ts';
import type { Profile } from './profile.ts';
import type { SampleBlock } from './sample-table.ts';
import { EMPTY_STACK, StackTree } from './stack-tree.ts';
import { WeightedTree } from './weighted-tree.ts';

/** Two profiles over one tree of stacks, so that each stack can be looked up in both. */
export interface ProfileDifference {
  readonly before: WeightedTree;
  readonly after: WeightedTree;
}

/** Lays two profiles over each other. Functions are the same by name and file: every edit moves lines. */
export function differenceOf(before: Profile, after: Profile): ProfileDifference {
  const frames = new FrameTable();
  const tree = new StackTree();
  const [blocksBefore, blocksAfter] = [before, after].map((profile) => relaid(profile, frames, tree));
  const joined = { frames: frames.frames, stacks: tree.columns };
  return {
    before: new WeightedTree({ ...joined, samples: blocksBefore ?? [] }),
    after: new WeightedTree({ ...joined, samples: blocksAfter ?? [] }),
  };
}

/** The share of all looks that a stack has with what it calls. */
export function shareOf(tree: WeightedTree, stack: number): number {
  return tree.whole.looks === 0 ? 0 : tree.total(stack).looks / tree.whole.looks;
}

function relaid(
  { frames, stacks, samples }: Profile,
  table: FrameTable,
  tree: StackTree,
): readonly SampleBlock[] {
  const places = frames.map((frame) => table.indexOf({ ...frame, firstLine: 0, line: 0 }));
  const nodes = new Uint32Array(stacks.count);
  for (let stack = EMPTY_STACK + 1; stack < stacks.count; stack += 1) {
    const parent = nodes[stacks.parents[stack] ?? EMPTY_STACK] ?? EMPTY_STACK;
    nodes[stack] = tree.child(parent, places[stacks.frames[stack] ?? 0] ?? 0);
  }
  return samples.map((block) => ({
    ...block,
    stacks: block.stacks.map((stack, row) =>
      row < block.count ? (nodes[stack] ?? EMPTY_STACK) : EMPTY_STACK,
    ),
  }));
}
